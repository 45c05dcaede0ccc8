import { gather } from '../gather.ts'
import type { Proposal } from '../proposal.ts'
import { propose } from '../propose.ts'
import type { Tree } from '../tree.ts'
import { type Foreign, foreign } from './foreign.ts'
import { READERS } from './readers.ts'

/** What the reader of a file's name makes of a text. */
export function readAs(file: string, text: string): Foreign {
  const { platform, read } = READERS.find(({ name }) => name.test(file))!
  const into = foreign(platform, file)
  read(text, into)
  return into
}

const OWN = {
  'package.json': JSON.stringify({
    name: 'ferry',
    scripts: { build: 'tsc', start: 'node dist/server.js', migrate: 'node dist/migrate.js' },
    dependencies: { express: '1' },
  }),
  'package-lock.json': '{}',
  'src/server.ts': 'const app = express()\napp.listen(process.env.PORT)\n',
  'src/mailer.ts': 'run()\n',
}

/** What is proposed for a small server of Express with these files of other platforms. */
export async function movedWith(files: Readonly<Record<string, string>>): Promise<Proposal> {
  const all: Readonly<Record<string, string>> = { ...OWN, ...files }
  const tree: Tree = {
    list: async () => ({ paths: Object.keys(all).sort(), complete: true }),
    read: async path => all[path] ?? null,
  }
  return propose(await gather(tree, 'ferry'))
}
