import { readAddress } from '../../cli/address.ts'
import { printJson } from '../../cli/command.ts'
import { readServers, type Servers, writeServers } from '../../cli/servers.ts'
import { openTerminal, table } from '../../cli/terminal.ts'
import { Failure } from '../../kernel/failure.ts'

interface Flags {
  json?: boolean
  here?: boolean
}

const NAME = /^[a-z][a-z0-9-]{0,30}$/

const said = ({ use, servers }: Servers): string =>
  use === null ? 'commands go to the keeper of this machine' : `commands go to ${use} (${servers[use]})`

async function changed(known: Servers, { json = false }: Flags): Promise<void> {
  await writeServers(known)
  if (json) printJson(known)
  else openTerminal().print(said(known))
}

/** inn server use */
export async function use(
  name: string | undefined,
  address: string | undefined,
  flags: Flags,
): Promise<void> {
  const known = await readServers()
  if (flags.here === true) return changed({ ...known, use: null }, flags)
  if (name === undefined) throw unnamed(known)
  if (address === undefined && !Object.hasOwn(known.servers, name)) throw unknown(name, known)
  if (address === undefined) return changed({ ...known, use: name }, flags)
  if (!NAME.test(name))
    throw new Failure('usage.host', `${name} cannot be the name of a server`, {
      why: 'a name has small letters, digits and hyphens, and begins with a letter',
      fix: `\`inn server use prod ${address}\``,
    })
  readAddress(address)
  await changed({ use: name, servers: { ...known.servers, [name]: address } }, flags)
}

/** inn server list */
export async function list({ json = false }: Flags): Promise<void> {
  const known = await readServers()
  if (json) return printJson(known)
  const terminal = openTerminal()
  const rows = Object.entries(known.servers).map(([name, address]) => [
    name === known.use ? `${name} *` : name,
    address,
  ])
  if (rows.length > 0) terminal.print(table(['NAME', 'ADDRESS'], rows))
  terminal.print(said(known))
}

/** inn server forget */
export async function forget(name: string, flags: Flags): Promise<void> {
  const known = await readServers()
  if (!Object.hasOwn(known.servers, name)) throw unknown(name, known)
  const { [name]: _, ...servers } = known.servers
  await changed({ use: known.use === name ? null : known.use, servers }, flags)
}

const names = ({ servers }: Servers): string =>
  Object.keys(servers).length === 0 ? 'none has a name yet' : `there are: ${Object.keys(servers).join(', ')}`

const unknown = (name: string, known: Servers): Failure =>
  new Failure('usage.host', `no server is called ${name}`, {
    why: names(known),
    fix: `\`inn server use ${name} root@server\` gives it that name`,
  })

const unnamed = (known: Servers): Failure =>
  new Failure('usage.host', 'which server?', {
    why: names(known),
    fix: '`inn server use prod root@server`, or `inn server use --here` for this machine',
  })
