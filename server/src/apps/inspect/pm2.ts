import { join, type Tree } from './tree.ts'

/** A process that a file of pm2 starts beside the first one. */
export interface Beside {
  file: string
  name: string
  line: string
}

const CALL =
  /\bpm2(?:-runtime)?(?:\s+(?:start|reload|restart|startOrReload|startOrRestart))?(?:\s+(?!-)(\S+\.(?:config\.[cm]?js|json|ya?ml)))?(?=\s*(?:$|[&|;]|-))[^&|;]*/

/** Scripts with what the file of pm2 starts in the place of its call: the file is no program, it names programs. */
export async function withoutPm2(
  scripts: Readonly<Record<string, string>>,
  tree: Tree,
  { folder, files }: { folder: string; files: readonly string[] },
): Promise<{ scripts: Record<string, string>; beside: Beside[] }> {
  const out: Record<string, string> = { ...scripts }
  const beside = new Map<string, Beside>()
  for (const [name, line] of Object.entries(scripts)) {
    const call = CALL.exec(line)
    if (call === null) continue
    const file = join(folder, call[1] ?? 'ecosystem.config.js')
    const apps = files.includes(file) ? appsIn((await tree.read(file)) ?? '') : []
    const [first, ...others] = apps
    // Without a process that can be read, the call stands for itself: nothing of it is taken.
    out[name] = line.replace(call[0], first === undefined ? 'pm2 start' : `pm2 save; ${first.line}`)
    for (const other of others) beside.set(`${file} ${other.name}`, { file, ...other })
  }
  return { scripts: out, beside: [...beside.values()] }
}

/** Names and commands of the apps in a file of pm2, as far as they stand there as text. */
function appsIn(text: string): Array<{ name: string; line: string }> {
  const starts = [...text.matchAll(/['"]?\bscript['"]?\s*:\s*(['"`])([^'"`\n$]+)\1/g)]
  return starts.map((match, n) => {
    // The other keys of one app stand around its script: up to the braces of its own object.
    const from = text.lastIndexOf('{', match.index)
    const until = starts[n + 1] === undefined ? text.length : text.lastIndexOf('{', starts[n + 1]!.index)
    const own = text.slice(from, until)
    const key = (name: string) =>
      new RegExp(`['"]?\\b${name}['"]?\\s*:\\s*(['"\`])([^'"\`\\n$]+)\\1`).exec(own)?.[2]
    const script = match[2]!.replace(/^\.\//, '')
    const cwd = key('cwd')
    const path = cwd === undefined || cwd.startsWith('/') ? script : join(cwd, script)
    const program = /\.[cm]?js$/.test(path) ? `node ${path}` : /\.ts$/.test(path) ? `tsx ${path}` : path
    const args = key('args')
    return { name: key('name') ?? script, line: args === undefined ? program : `${program} ${args}` }
  })
}
