// What is asked: questions that the handbook answers, none like the one before.

const questions = [
  'What is a process pool and when should I use it?',
  'How does a service survive kill -9?',
  'When is a coroutine the wrong choice?',
  '线程和进程有什么区别？',
  '什么是死锁，怎么避免？',
  'What is back-pressure?',
  'How are citations checked?',
  '什么是协程？',
  'What happens when the model is slow?',
  'How are jobs retried?',
]

/** The question of this number. */
export function questionOf(number: number): string {
  return `${questions[number % questions.length]} (${number})`
}

/** A W3C traceparent whose trace id is told from the number, so that a request is known again at the model. */
export function traceparentOf(number: number): string {
  return `00-${traceIdOf(number)}-00000000000000a1-00`
}

export function traceIdOf(number: number): string {
  return number.toString(16).padStart(32, '0')
}
