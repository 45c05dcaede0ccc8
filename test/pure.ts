import { readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'

/** What starts a process, or opens or answers a connection. */
const REACHES_OUT =
  /^node:(child_process|cluster|dgram|dns|http|http2|https|net|tls|worker_threads)(\/|$)|^server\/src\/kernel\/http\.ts$|^(fastify|pg|playwright-core|vite|@aws-sdk\/|better-auth)/

/** `import … from 'x'`, `import 'x'` and `export … from 'x'`; what is imported as a type is gone when it runs. */
const STATIC = /^(?:import|export)\s+(?!type\b)(?:[\w*{}\s,$]+?\s+from\s+)?'([^']+)'/gm
const DYNAMIC = /\bimport\(\s*'([^']+)'/g

/**
 * The tests that need nothing but Node.js: neither they nor what they import, however far, can start a process
 * or open a connection. A module that loads another one when it is called (the command line does) has not
 * imported it; a test that does so has.
 */
export async function pureTests(root: string, tests: readonly string[]): Promise<string[]> {
  const read = reader(root)
  const verdicts = await Promise.all(
    tests.map(async path => {
      const { text } = await read(path)
      const loaded = targets(path, text, DYNAMIC)
      return !(await reachesOut(read, [path, ...loaded]))
    }),
  )
  return tests.filter((_, n) => verdicts[n])
}

type Read = (path: string) => Promise<{ text: string; imports: string[] }>

/** Each file is read once. */
function reader(root: string): Read {
  const known = new Map<string, ReturnType<Read>>()
  return path => {
    const found = known.get(path) ?? load(root, path)
    known.set(path, found)
    return found
  }
}

async function load(root: string, path: string) {
  // A path in a string of a test need not exist; the types say when an import does not.
  const text = await readFile(join(root, path), 'utf8').catch(() => '')
  return { text, imports: targets(path, text, STATIC) }
}

/** Files of ours by their path from the root, everything else by its name. */
function targets(path: string, text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name]) =>
    name!.startsWith('.') ? normalize(join(dirname(path), name!)) : name!,
  )
}

async function reachesOut(read: Read, from: readonly string[]): Promise<boolean> {
  const seen = new Set<string>()
  const left = [...from]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    if (REACHES_OUT.test(next)) return true
    if (/\.tsx?$/.test(next)) left.push(...(await read(next)).imports)
  }
  return false
}
