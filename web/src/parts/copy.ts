// The clipboard, also where the browser has only the old way to it.

/** Puts text on the clipboard; false when the browser does not let it. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Plain HTTP has no clipboard of that kind.
    const field = document.createElement('textarea')
    field.value = text
    field.className = 'vh'
    document.body.append(field)
    field.select()
    const done = document.execCommand('copy')
    field.remove()
    return done
  }
}
