import { ecosystem } from './elsewhere/ecosystem.ts'
import { foreign } from './elsewhere/foreign.ts'
import { join, type Tree } from './tree.ts'

const CALL =
  /\bpm2(?:-runtime)?(?:\s+(?:start|reload|restart|startOrReload|startOrRestart))?(?:\s+(?!-)(\S+\.(?:config\.[cm]?js|json|ya?ml)))?(?=\s*(?:$|[&|;]|-))[^&|;]*/

/** Scripts with what the file of pm2 starts in the place of its call: the file is no program, it names programs. */
export async function withoutPm2(
  scripts: Readonly<Record<string, string>>,
  tree: Tree,
  { folder, files }: { folder: string; files: readonly string[] },
): Promise<Record<string, string>> {
  const out: Record<string, string> = { ...scripts }
  for (const [name, line] of Object.entries(scripts)) {
    const call = CALL.exec(line)
    if (call === null) continue
    const file = join(folder, call[1] ?? 'ecosystem.config.js')
    const first = files.includes(file) ? firstOf(file, (await tree.read(file)) ?? '') : null
    // Without a process that can be read, the call stands for itself: nothing of it is taken.
    out[name] = line.replace(call[0], first === null ? 'pm2 start' : `pm2 save; ${first}`)
  }
  return out
}

/** The command of the first app in a file of pm2, as far as it stands there as text. */
function firstOf(file: string, text: string): string | null {
  const into = foreign('PM2', file)
  ecosystem(text, into)
  return into.services[0]?.command ?? null
}
