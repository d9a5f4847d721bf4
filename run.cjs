#!/usr/bin/env node
// The launcher: finds a Node that is new enough, installs what is missing, and hands over.
// It runs on whatever Node the machine has, so it is CommonJS and uses nothing newer than Node 20.
'use strict'

const { spawn, spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { isatty } = require('node:tty')

const WANTED = 24
const root = __dirname
const isWindows = process.platform === 'win32'
/** In the repository the sources run as they are; an installed package has only what was built from them. */
const inRepository = fs.existsSync(path.join(root, 'src', 'cli'))

/** What `--script NAME` runs, with node_modules/.bin on the path. */
const scripts = {
  // Each file is a process of its own, one for each core. The limit is per test file: a test that hangs is a failure,
  // not a wait.
  test: [
    `node web/fresh.ts && node --test --test-concurrency=${os.availableParallelism()} --test-timeout=240000`,
    '"src/**/*.test.ts" "test/**/*.test.ts" "examples/**/*.test.ts" "bench/*.test.ts"',
  ],
  check: ['tsc -p . && tsc -p web && oxlint --type-aware && oxfmt --check'],
  fix: ['oxlint --type-aware --fix && oxfmt'],
  // What an earlier build left behind must not be published.
  build: [
    `node -e "require('node:fs').rmSync('dist', { recursive: true, force: true })" && tsc -p tsconfig.build.json && vite build web --logLevel info`,
  ],
  verify: ['npm run --silent build && publint && knip'],
  // The page while it is written: as it is saved, with the API of a running `npm start`.
  page: ['vite web'],
  // The long form of the tests that send nonsense, and of those that kill.
  fuzz: ['node --env-file=test/fuzz/fuzz.env --test --test-timeout=1800000 "test/fuzz/*.test.ts"'],
  soak: [
    'node --env-file=test/chaos/soak.env --test --test-timeout=1800000 "test/chaos/*.test.ts"',
    '&& node --env-file=test/tools-crash/soak.env --test --test-timeout=36000000 "test/tools-crash/*.test.ts"',
  ],
}

/** Lets a large upload have its dead buffers freed before they are many: see src/observe/nursery.ts. */
const nodeFlags = ['--expose-gc']

/**
 * A gateway passes bytes on and keeps none: half of the usual nursery is enough, and an old heap that is looked through when
 * it has grown by two fifths; so a thousand streams take a tenth to a fifth less memory, for no more CPU time.
 */
const gatewayFlags = ['--max-semi-space-size=16', '--initial-old-space-size=48', '--heap-growing-percent=40']

main()

function main() {
  const args = process.argv.slice(2)
  const isScript = args[0] === '--script'
  const node = findNode() || installNode()
  if (inRepository) installPackages(node, isScript || args[0] === '--file')
  const environment = cleanEnvironment(node)
  if (isScript) {
    if (args[1] === 'test') keepCompiled(environment)
    return hand(scriptCommand(args[1], args.slice(2)), { shell: true, cwd: root, env: environment })
  }
  if (args[0] === '--file') return hand([node].concat(args.slice(1)), { cwd: root, env: environment })
  // Who only asks or adds does not wait for a page.
  if (inRepository && args[0] === 'serve')
    spawnSync(node, [path.join(root, 'web', 'fresh.ts')], { stdio: ['ignore', 2, 2] })
  const entry = inRepository ? 'src/cli/main.ts' : 'dist/cli/main.js'
  const flags = args[0] === 'gateway' ? nodeFlags.concat(gatewayFlags) : nodeFlags
  return hand([node].concat(flags, path.join(root, entry), args), { env: environment })
}

// ─── Which Node ──────────────────────────────────────────────────────────────────────────────────────────────────

/** The Node that runs this, else the first one on the path that is new enough, else one that was installed before. */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= WANTED) return process.execPath
  const name = isWindows ? 'node.exe' : 'node'
  const seen = new Set()
  for (const folder of (process.env.PATH || '').split(path.delimiter)) {
    // A package may put a `node` of its own into .bin: not the machine's, and gone with the next install.
    if (!path.isAbsolute(folder) || folder.includes('node_modules')) continue
    const candidate = path.join(folder, name)
    if (seen.has(candidate) || !fs.existsSync(candidate)) continue
    seen.add(candidate)
    if (isNewEnough(candidate)) return candidate
  }
  return installedNode()
}

/** Asks a Node for its version; a broken one (another libc, say) answers nothing. */
function isNewEnough(candidate) {
  const asked = spawnSync(candidate, ['-p', 'process.versions.node'], { encoding: 'utf8', timeout: 20000 })
  return asked.status === 0 && Number(asked.stdout.split('.')[0]) >= WANTED
}

/** The binary of the platform package in runtime/, when it is there and runs. */
function installedNode() {
  const platform = isWindows ? 'win' : process.platform
  const folder = path.join(root, 'runtime', 'node_modules', `node-${platform}-${process.arch}`)
  const binary = path.join(folder, 'bin', isWindows ? 'node.exe' : 'node')
  return fs.existsSync(binary) && isNewEnough(binary) ? binary : undefined
}

function installNode() {
  const offered = Object.keys(readJson(path.join(root, 'runtime', 'package.json')).optionalDependencies || {})
  const wanted = `node-${isWindows ? 'win' : process.platform}-${process.arch}`
  if (offered.includes(wanted) && process.env.ANDON_NO_INSTALL === undefined) {
    say(`This machine has Node ${process.versions.node}; Andon needs ${WANTED}. Installing one beside it, once …`)
    npmCi(path.join(root, 'runtime'), process.execPath, [])
    const node = installedNode()
    if (node !== undefined) return node
    say('The Node that was installed does not run here: its system library (glibc) may be missing or too old.')
  }
  return stop(
    `Andon needs Node ${WANTED} or newer and found ${process.versions.node} at ${process.execPath}. ` +
      `Install Node ${WANTED} from https://nodejs.org (or with nvm, fnm or your system's packages), ` +
      'put it first on the PATH, and run the same command again.',
  )
}

// ─── Which packages ──────────────────────────────────────────────────────────────────────────────────────────────

function installPackages(node, withTools) {
  const isMissing = firstMissing(withTools)
  if (isMissing === undefined) return
  if (process.env.ANDON_NO_INSTALL !== undefined) {
    stop(`${isMissing} is not installed as package-lock.json says. Run: npm ci`)
  }
  say('Installing the packages of package-lock.json …')
  npmCi(root, node, withTools ? ['--include=dev'] : [])
}

/** The first package of the lockfile that node_modules lacks or has in another version. */
function firstMissing(withTools) {
  const wanted = readJson(path.join(root, 'package-lock.json')).packages || {}
  const installed = readJson(path.join(root, 'node_modules', '.package-lock.json')).packages || {}
  for (const place of Object.keys(wanted)) {
    const needed = wanted[place]
    // Optional ones are for some platforms only; tools are not needed to serve.
    if (place === '' || needed.optional || needed.devOptional || needed.peer || (needed.dev && !withTools)) continue
    if (installed[place] === undefined || installed[place].version !== needed.version) return place
  }
  return undefined
}

/** Runs `npm ci` under the given Node. All it says goes to stderr: stdout belongs to the command. */
function npmCi(folder, node, more) {
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'].concat(more)
  const environment = Object.assign({}, process.env, { PATH: pathWith(path.dirname(node)) })
  // A running npm hands these down; here they would point npm at the folder of the script it runs.
  delete environment.npm_config_local_prefix
  delete environment.npm_config_prefix
  const own = process.env.npm_execpath
  const isNpm = own !== undefined && /npm-cli\.c?js$/.test(own)
  const command = isNpm ? [node, own].concat(args) : ['npm'].concat(args)
  const done = spawnSync(command[0], command.slice(1), {
    cwd: folder,
    env: environment,
    stdio: ['ignore', 2, 2],
    shell: isWindows && !isNpm,
  })
  if (done.error) stop(`npm could not be started (${done.error.message}). Install npm, or run "npm ci" in ${folder}.`)
  if (done.signal) stop(`The installation was interrupted by ${done.signal}. Run the same command again.`, 130)
  if (done.status !== 0) stop(`"npm ci" failed in ${folder}; its own message is above.`)
}

// ─── Handing over ────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * The environment without what npm puts there for scripts, so that a program behaves the same however it is started,
 * and with the right Node first on the path. The folder that npm was called from stays known.
 */
function cleanEnvironment(node) {
  const environment = {}
  for (const name of Object.keys(process.env)) {
    if (!/^npm_/i.test(name) && name !== 'INIT_CWD' && name !== 'NODE') environment[name] = process.env[name]
  }
  const ours = process.env.npm_package_json === path.join(root, 'package.json')
  if (ours && process.env.INIT_CWD) environment.ANDON_CALLED_FROM = process.env.INIT_CWD
  environment.PATH = pathWith(path.dirname(node), path.join(root, 'node_modules', '.bin'))
  return environment
}

/**
 * Hundreds of test files, and the processes and threads that they start, load the same modules: each is stripped of its
 * types and compiled once for all. It is known by its content, so nothing of before is run after a change.
 */
function keepCompiled(environment) {
  if (environment.NODE_COMPILE_CACHE !== undefined) return
  environment.NODE_COMPILE_CACHE = path.join(root, 'node_modules', '.cache', 'andon-tests')
}

function pathWith() {
  const first = Array.prototype.slice.call(arguments)
  const rest = (process.env.PATH || '').split(path.delimiter).filter((folder) => !first.includes(folder))
  return first.concat(rest).join(path.delimiter)
}

/** The command line of a script. Arguments that are files take the place of the usual ones of `test`. */
function scriptCommand(name, args) {
  const script = scripts[name]
  if (script === undefined) stop(`There is no script ${name}. There are ${Object.keys(scripts).join(', ')}.`, 2)
  const namesFiles = args.some((arg) => !arg.startsWith('-'))
  const usual = script[1] === undefined || namesFiles ? [] : [script[1]]
  return [[script[0]].concat(args.map(quote), usual).join(' ')]
}

function quote(arg) {
  return isWindows ? `"${arg}"` : `'${arg.replaceAll("'", "'\\''")}'`
}

/** Runs the command in this one's place: same input and output, signals forwarded, same ending. */
function hand(command, options) {
  const child = spawn(command[0], command.slice(1), Object.assign({ stdio: 'inherit' }, options))
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const forward = (signal) => {
    // A terminal sends Ctrl-C to every process in the foreground: forwarding would send it twice.
    if (signal !== 'SIGINT' || !isAtTerminal()) child.kill(signal)
  }
  for (const signal of signals) process.on(signal, forward)
  // npm passes SIGTERM to the shell that runs its script, and many shells die of it without telling us.
  const parent = process.ppid
  const watch = () => process.ppid !== parent && child.kill('SIGTERM')
  if (process.env.npm_lifecycle_event !== undefined) setInterval(watch, 500).unref()
  child.on('error', (error) => stop(`${command[0]} could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    for (const each of signals) process.removeListener(each, forward)
    if (signal) process.kill(process.pid, signal)
    else process.exit(code)
  })
}

/** Whether Ctrl-C comes from a terminal, to the command too. Streams may be redirected: Linux tells who is in the foreground. */
function isAtTerminal() {
  if (isatty(0)) return true
  try {
    const stat = fs.readFileSync('/proc/self/stat', 'utf8')
    // Behind the name in brackets: state, parent, group, session, terminal, the group in that terminal's foreground.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[2] === fields[5]
  } catch {
    return isatty(1) || isatty(2)
  }
}

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'))
  } catch {
    return {}
  }
}

function say(sentence) {
  process.stderr.write(`${sentence}\n`)
}

function stop(sentence, code) {
  say(sentence)
  process.exit(code === undefined ? 1 : code)
}
