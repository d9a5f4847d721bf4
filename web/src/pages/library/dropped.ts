// What was dropped or chosen, as files with the folders they came in.

export interface NamedFile {
  /** With its folders: `papers/1971/coffman.pdf`. */
  name: string
  file: File
}

/** Files of a drop; folders are walked. Must be called while the drop is handled. */
export async function filesOf(transfer: DataTransfer): Promise<NamedFile[]> {
  // The items are gone after the first wait.
  const entries = [...transfer.items].map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }))
  const found: NamedFile[] = []
  for (const { entry, file } of entries) {
    if (entry?.isDirectory) await walk(entry, '', found)
    else if (file) found.push({ name: file.name, file })
  }
  return found
}

/** Files of an `<input type=file>`, of folders too. */
export function filesIn(list: FileList): NamedFile[] {
  return [...list]
    .map((file) => ({ name: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath, file }))
    .filter(({ name }) => !hidden(name))
}

/** The link that was dropped or pasted, when it was one. */
export function linkOf(transfer: DataTransfer): string | undefined {
  const text = transfer.getData('text/uri-list') || transfer.getData('text/plain')
  const line = text.split('\n').find((each) => each.trim() !== '' && !each.startsWith('#'))
  return line !== undefined && /^https?:\/\//i.test(line.trim()) ? line.trim() : undefined
}

async function walk(entry: FileSystemEntry, folder: string, found: NamedFile[]): Promise<void> {
  const name = folder + entry.name
  if (hidden(entry.name)) return
  if (entry.isFile) {
    const { promise, resolve, reject } = Promise.withResolvers<File>()
    ;(entry as FileSystemFileEntry).file(resolve, reject)
    const file = await promise.catch(() => undefined)
    if (file) found.push({ name, file })
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  // A reader gives a hundred at a time, and none at the end.
  for (;;) {
    const { promise, resolve, reject } = Promise.withResolvers<FileSystemEntry[]>()
    reader.readEntries(resolve, reject)
    const some = await promise.catch(() => [])
    if (some.length === 0) return
    for (const each of some) await walk(each, `${name}/`, found)
  }
}

/** What systems put into folders for themselves. */
function hidden(name: string): boolean {
  return name.split('/').some((part) => part.startsWith('.') || part === 'Thumbs.db' || part === 'desktop.ini')
}
