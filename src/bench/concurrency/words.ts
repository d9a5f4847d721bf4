// What a result on concurrency says, in both languages of the handbook.

import type { Group } from './measure.ts'

export const languages = ['en', 'zh'] as const
export type Language = (typeof languages)[number]

/** The language of a terminal, as POSIX finds it. */
export function languageOf(environment: NodeJS.ProcessEnv): Language {
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG']
  return locale?.startsWith('zh') ? 'zh' : 'en'
}

/** One thing in both languages. */
export type Words = Readonly<Record<Language, string>>

const words = (en: string, zh: string): Words => ({ en, zh })

/** What a group of rows is about. */
export const groupTitles: Readonly<Record<Group, Words>> = {
  start: words('Start, until the first message is here', '启动，到收到第一条消息为止'),
  stop: words('Stop, out of an endless loop', '停止，正处于死循环中'),
  memory: words('Memory of one that waits', '每个空闲者占用的内存'),
  switch: words('Control, there and back', '交出控制权再收回'),
  message: words('Message, there and back', '消息往返一次'),
  primitive: words('Primitives, taken and given back', '同步原语，取得并归还一次'),
  pool: words('Call through a pool with one worker', '经过只有一个工作者的池的一次调用'),
}

/** Each line of each group, in the order of the tables. */
export const subjects: Readonly<Record<Group, Readonly<Record<string, Words>>>> = {
  start: {
    coroutine: words('coroutine (async generator)', '协程（异步生成器）'),
    thread: words('thread (Worker)', '线程（Worker）'),
    process: words('process (node)', '进程（node）'),
  },
  stop: {
    thread: words('thread: terminate()', '线程：terminate()'),
    process: words('process: SIGKILL', '进程：SIGKILL'),
  },
  memory: {
    coroutine: words('coroutine', '协程'),
    thread: words('thread', '线程'),
    process: words('process, resident', '进程，常驻内存'),
    'process-own': words('process, shared with none', '进程，独占部分'),
  },
  switch: {
    await: words('await of a resolved promise', 'await 已完成的 promise'),
    async: words('await of an async function', 'await 异步函数'),
    generator: words('next() of an async generator', '异步生成器的 next()'),
    loop: words('turn of the event loop', '事件循环转一圈'),
    thread: words('threads: Atomics.wait, notify', '线程：Atomics.wait 与 notify'),
    pipe: words('processes: a byte in a pipe', '进程：管道里的一个字节'),
  },
  message: {
    clone: words('threads: copied (clone)', '线程：复制（结构化克隆）'),
    transfer: words('threads: moved (transfer)', '线程：移交（transfer）'),
    shared: words('threads: SharedArrayBuffer', '线程：SharedArrayBuffer'),
    'channel-json': words('processes: fork channel, JSON', '进程：fork 通道，JSON'),
    'channel-clone': words('processes: fork channel, clone', '进程：fork 通道，克隆'),
    socket: words('processes: Unix socket', '进程：Unix 套接字'),
  },
  primitive: {
    lock: words('Lock, one thread', 'Lock，同一线程'),
    'lock-threads': words('Lock, two threads', 'Lock，两个线程'),
    'lock-processes': words('Lock, two processes', 'Lock，两个进程'),
    semaphore: words('Semaphore, one thread', 'Semaphore，同一线程'),
    'semaphore-threads': words('Semaphore, two threads', 'Semaphore，两个线程'),
    'semaphore-processes': words('Semaphore, two processes', 'Semaphore，两个进程'),
    event: words('Event, one thread', 'Event，同一线程'),
    'event-threads': words('Event, two threads', 'Event，两个线程'),
    channel: words('Channel, one thread', 'Channel，同一线程'),
    'channel-threads': words('Channel, two threads', 'Channel，两个线程'),
    deadline: words('Deadline with its signal', 'Deadline 及其信号'),
  },
  pool: {
    thread: words('pool of threads', '线程池'),
    process: words('pool of processes', '进程池'),
  },
}

/** The columns of groups that have several. */
export const variants: Readonly<Record<string, Words>> = {
  '1B': words('1 byte', '1 字节'),
  '64KB': words('64 KB', '64 KB'),
  free: words('uncontended', '无争用'),
  contended: words('contended', '有争用'),
  alone: words('one after the other', '逐个调用'),
  many: words('100 at once', '同时 100 个'),
}

/** What stands above a column of values without a name of its own. */
export const valueTitle = words('median (middle half)', '中位数（中间一半）')

/** How it is measured, for whoever wants to believe or to doubt it. */
export const method = words(
  'Median of the rounds, and the range of their middle half. Every round takes one sample of each, in another order; one round before them does not count. ' +
    'A sample is the fastest of a few passes (3 for start and stop, else 5), and a pass of short things the mean of many. Threads and processes start empty, from a line of code. ' +
    'Memory: growth of the heap for each of 20,000 waiting calls; growth of the resident size for each of 4 threads; of a process its resident size, and what it shares with no other. ' +
    'There and back is one round trip, one after the other. Uncontended: nobody else; an event that is set; a channel with room. ' +
    'Contended: 1,000 at once in one thread; two that take in turn among threads and processes; an event that is waited for; a channel whose sender and receiver run side by side.',
  '取各轮的中位数，以及中间一半的范围。每轮对每一项采样一次，次序每轮不同；之前的一轮不计。' +
    '一个样本取几趟中最快的一趟（启动和停止 3 趟，其余 5 趟）；很短的操作，一趟是许多次的平均。线程和进程都从一行代码空载启动。' +
    '内存：2 万个等待中的调用平均每个增加的堆；4 个线程平均每个增加的常驻内存；进程则是其常驻内存，以及不与别人共享的部分。' +
    '往返是一来一回，一次接一次。无争用：没有别人；事件已经置位；通道有空位。' +
    '有争用：同一线程里同时 1000 个；线程之间、进程之间是两方轮流取得；事件要等；通道的发送方和接收方同时运行。',
)
