import type { Cli } from './command.ts'
import { printJson } from './command.ts'

/** inn version: of this command line, and of the keeper where one answers. */
export async function showVersions(
  own: string,
  open: () => Promise<Cli>,
  { json = false }: { json?: boolean },
): Promise<void> {
  const keeper = await open()
    .then(({ client }) => client.get<{ version: string }>('/api/health'))
    .then(({ version }) => version)
    .catch(() => null)
  if (json) return printJson({ version: own, keeper })
  console.log(`${own}\n${keeper === null ? 'no keeper answers' : `keeper ${keeper}`}`)
}
