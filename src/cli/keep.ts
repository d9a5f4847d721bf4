// andon backup, restore, export and import: everything as a copy to come back to, and as open files.

import { cp, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { Command } from 'commander'
import { AndonError } from '../core/errors.ts'
import { bytes, counted } from './output.ts'
import { runCommand, withCommonOptions, type CommonOptions, type Shell } from './shell.ts'

/** The command `backup`. */
export function backupCommand(): Command {
  return folderCommand(
    'backup',
    'copy everything into a new folder, also while the server runs',
    async (shell, folder) => {
      if (await stat(folder).catch(() => undefined)) {
        throw new AndonError('invalid', `${folder} is already there. Name a new folder for the backup.`)
      }
      const copied = await (await shell.factory()).backup(folder, shell.caller)
      shell.output.result(copied)
      shell.output.line(
        `Backed up ${counted(copied.documents, 'document')}, ${bytes(copied.bytes)}, into ${copied.path}`,
      )
    },
  )
}

/** The command `export`. */
export function exportCommand(): Command {
  const description = 'write everything of the tenant as open files: the documents as they came, and JSON Lines'
  return folderCommand('export', description, async (shell, folder) => {
    if ((await readdir(folder).catch(() => [])).length > 0) {
      throw new AndonError('invalid', `${folder} is not empty. Name a new folder, so that nothing is overwritten.`)
    }
    const written = await (await shell.factory()).export(folder, shell.caller)
    shell.output.result(written)
    const what = `${counted(written.documents, 'document')} and ${counted(written.sessions, 'session')}`
    shell.output.line(`Exported ${what} into ${written.path}`)
  })
}

/** The command `import`. */
export function importCommand(): Command {
  return folderCommand(
    'import',
    'read what export wrote; what is already there stays as it is',
    async (shell, folder) => {
      const factory = await shell.factory()
      const read = await factory.import(folder, shell.caller)
      const failed: { name: string; reason: string }[] = []
      // Without a server the loading happens in this process, which must not end before it.
      for await (const job of factory.watch(read.jobIds, shell.caller)) {
        if (job.state === 'failed' || job.state === 'dead') {
          failed.push({ name: job.documentName ?? job.id, reason: job.error?.message ?? job.state })
        }
      }
      shell.output.result({ ...read, failed })
      const what = `${counted(read.documents, 'document')} and ${counted(read.sessions, 'session')}`
      const rest = read.documents + read.sessions === 0 ? '; what is there already stayed as it is.' : ''
      shell.output.line(`Imported ${what}${rest}`)
      if (!shell.output.json) for (const { name, reason } of failed) shell.output.note(`failed ${name}: ${reason}`)
      return failed.length === 0 ? 0 : 1
    },
  )
}

/** The command `restore`. */
export function restoreCommand(): Command {
  return folderCommand('restore', 'make a data directory from a backup; it must not hold anything yet', restore)
}

async function restore(shell: Shell, folder: string): Promise<void> {
  const { dataDir } = shell.configuration.options
  const { connect } = await import('./control.ts')
  await using server = (await connect(dataDir, shell.signal)) ?? null
  if (server) {
    throw new AndonError(
      'conflict',
      `A server runs on ${dataDir}. Stop it first, or restore into another folder with --data.`,
    )
  }
  if ((await readdir(folder).catch(() => [])).length === 0) {
    throw new AndonError('not-found', `There is no backup in ${folder}. Give the folder that "andon backup" made.`)
  }
  if ((await readdir(dataDir).catch(() => [])).length > 0) {
    throw new AndonError(
      'invalid',
      `The data directory ${dataDir} is not empty, and restoring would overwrite it. Move it away, or choose another with --data.`,
    )
  }
  // Copied beside it and then renamed, so that an interrupted copy is never taken for a data directory.
  const staging = `${dataDir}.restoring-${process.pid}`
  try {
    await mkdir(staging, { recursive: true, mode: 0o700 })
    await cp(folder, staging, { recursive: true })
    shell.signal.throwIfAborted()
    await rmdir(dataDir).catch(() => {})
    await rename(staging, dataDir)
  } catch (reason) {
    await rm(staging, { recursive: true, force: true })
    throw reason
  }
  // Opening it is the proof that it is whole.
  const { totals } = await (await shell.factory()).health(shell.caller)
  shell.output.result({ path: dataDir, documents: totals.documents, passages: totals.passages })
  shell.output.line(`Restored ${counted(totals.documents, 'document')} into ${dataDir}`)
}

const folderMeanings = {
  backup: 'a new folder for the copy',
  restore: 'the folder that backup made',
  export: 'a new folder for the files',
  import: 'the folder that export made',
}

function folderCommand(
  name: keyof typeof folderMeanings,
  description: string,
  body: (shell: Shell, folder: string) => Promise<number | void>,
): Command {
  const command = new Command(name)
    .description(description)
    .argument('<folder>', folderMeanings[name])
    .addHelpText(
      'after',
      `\nExample:\n  andon ${name} ./andon-${name === 'restore' ? 'backup' : name === 'import' ? 'export' : name}`,
    )
  return withCommonOptions(command).action(async (folder: string, options: CommonOptions) => {
    await runCommand(options, (shell) => body(shell, shell.path(folder)))
  })
}
