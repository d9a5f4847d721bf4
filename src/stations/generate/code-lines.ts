// Tells lines of program code from prose by their look, in any usual language.

const statement =
  /^\s*(?:(?:import|export|const|let|var|function|class|def|from|package|using|public|private|static|async def|fn|#include|throw new|await\b|async\b|readonly|console\.|else\b|(?:if|for|while|switch)\b.*\(|return\b(?=.*[;)\]}]$))\b.*[^.。!?！？]$|\/\/|#!|\$ |<\/?\w+[^>]*>$)/
const ending = /(?:[;{}]|=>|\)\s*\{|\]\)|\}\))\s*$/
const marks = /[{}()[\]=;<>|&$_`"'\\/]/g

/** Whether a question asks for code. */
export function asksForCode(question: string): boolean {
  return /\b(?:code|examples?|snippet|syntax|function|method|class|command|script)\b|[`{};]|\w\(\)|代码|示例|例子|命令|函数|方法|语法|怎么写/i.test(
    question,
  )
}

/** Whether a sentence is code: it begins or ends like a statement and is no sentence, or is full of code's marks. */
export function looksLikeCode(sentence: string): boolean {
  const line = sentence.trim()
  if (line.startsWith('|') || /\p{Script=Han}{4}/u.test(line)) return false
  if (/^\/\/|\n/.test(line) && /[;)}]$/m.test(line) && share(line) > 0.1) return true
  if (/\w ?[-+*/]?= ?[^=]*;$|\w\([^()]*\);$/.test(line)) return true
  if (statement.test(line) && share(line) > 0.04) return true
  return share(line) > 0.12 && (ending.test(line) || /\w\([^()]*\)$|=\s*\S/.test(line)) && !/[.。!?！？]$/.test(line)
}

function share(line: string): number {
  return (line.match(marks)?.length ?? 0) / Math.max(1, line.length)
}
