// What a process that runs tools may do, by the permission model of Node: a rail for tools that err, no wall against
// tools that attack. It does not hold back the network, signals to other processes, or what SQLite opens.

/** What tools in processes may do beyond computing and the network. */
export interface Confinement {
  /** Files and folders they may read. Default: all. */
  read?: readonly string[]
  /** Files and folders they may write. Default: none. */
  write?: readonly string[]
  /** Whether they may start processes. Default false. */
  processes?: boolean
  /** Whether they may start threads. Default false. */
  threads?: boolean
}

/** The flags of Node for it. `folder` holds what the executor itself has its processes write. */
export function confinement(allowed: Confinement, folder: string): string[] {
  // Code has to be read before it can run: that of the house, and its packages.
  const read = allowed.read ? [...allowed.read, new URL('../..', import.meta.url).pathname, folder] : ['*']
  const write = [folder, ...(allowed.write ?? [])]
  return [
    '--permission',
    ...read.map((path) => `--allow-fs-read=${path}`),
    ...write.map((path) => `--allow-fs-write=${path}`),
    ...(allowed.processes ? ['--allow-child-process'] : []),
    ...(allowed.threads ? ['--allow-worker'] : []),
  ]
}

/** Variables of the environment that tools see. */
const environmentNames = [
  'PATH',
  'HOME',
  'LANG',
  'TZ',
  'TMPDIR',
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  'NODE_V8_COVERAGE',
]

/** What tools see of the environment: a short list, and what was named. */
export function toolEnvironment(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    [...environmentNames, ...names].flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
