// How a user of this process writes the command.

/** Through npm in a clone, by its own name elsewhere. */
export function commandName(): string {
  return process.env['ANDON_CALLED_FROM'] === undefined ? 'andon' : 'npm run -s andon --'
}
