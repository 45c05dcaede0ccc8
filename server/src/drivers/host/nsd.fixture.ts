import { type ChildProcess, spawn } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeTree } from './files.ts'

export interface NameServer {
  remove(): Promise<void>
}

/** A name server of a zone, at port 53 of an address of loopback. `records`: lines of a zone file. */
export async function startNameServer(address: string, zone: string, records: string[]): Promise<NameServer> {
  const folder = await mkdtemp(join(tmpdir(), 'nsd-'))
  const soa = ['$TTL 1', '@ IN SOA ns1 root ( 1 3600 600 86400 1 )']
  await writeFile(join(folder, 'zone'), [`$ORIGIN ${zone}.`, ...soa, ...records, ''].join('\n'))
  const own = ['username', 'chroot', 'pidfile', 'database', 'xfrdfile'].map(key => `${key}: ""`)
  await writeFile(
    join(folder, 'conf'),
    `server:
  ip-address: ${address}
  server-count: 1
  zonesdir: "${folder}"
  xfrdir: "${folder}"
  zonelistfile: "${folder}/zone.list"
${own.map(line => `  ${line}`).join('\n')}
remote-control:
  control-enable: no
zone:
  name: ${zone}
  zonefile: zone
`,
  )
  const child = spawn('/usr/sbin/nsd', ['-d', '-c', join(folder, 'conf')], { stdio: 'ignore' })
  await answers(address, zone)
  return {
    async remove() {
      await end(child)
      await removeTree(folder)
    },
  }
}

async function answers(address: string, zone: string): Promise<void> {
  const resolver = new Resolver({ timeout: 500, tries: 1 })
  resolver.setServers([address])
  for (const stop = Date.now() + 10_000; ; await sleep(50)) {
    try {
      return void (await resolver.resolveSoa(zone))
    } catch (error) {
      if (Date.now() > stop) throw error
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
