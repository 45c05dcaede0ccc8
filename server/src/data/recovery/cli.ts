import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { appName, type Cli, change, printJson } from '../../cli/command.ts'
import { Failure } from '../../kernel/failure.ts'

/** inn recovery kit */
export async function recoveryKit(
  { client, terminal, json }: Cli,
  { save }: { save?: string },
): Promise<void> {
  const { kit } = await client.post<{ kit: string }>('/api/recovery/kit', {})
  if (save === undefined) {
    if (json) return printJson({ kit })
    process.stdout.write(kit)
    return
  }
  const path = resolve(save)
  // Never overwrites an older kit: it may open backups that this one does not.
  await writeFile(path, kit, { mode: 0o600, flag: 'wx' }).catch((error: Error) => {
    throw new Failure('usage.save', `${path} cannot be written`, {
      why: error.message,
      fix: 'name a new file in a folder that is there and yours: --save kit.txt',
    })
  })
  if (json) return printJson({ saved: path })
  terminal.print(
    `saved to ${path}: carry it to where this server is not, delete it here, then: inn recovery kept`,
  )
}

/** inn recovery database */
export async function recoveryDatabase(
  cli: Cli,
  named: string | undefined,
  { backup, plan = false, yes = false }: { backup?: string; plan?: boolean; yes?: boolean },
): Promise<void> {
  await change(cli, {
    path: `/api/apps/${encodeURIComponent(await appName(cli, named))}/recovery/database`,
    body: { backup },
    plan,
    confirm: yes || cli.json ? null : 'restore it?',
  })
}

/** inn recovery kept */
export async function recoveryKept({ client, terminal, json }: Cli): Promise<void> {
  const answer = await client.post('/api/recovery/kept', {})
  if (json) return printJson(answer)
  terminal.print('good: nobody is reminded any more')
}
