import type { Sentences } from '../../engine/plan.ts'
import { showSize } from '../../kernel/sizes.ts'
import { list } from '../../kernel/words.ts'
import type { Kept } from './facts.ts'

/** The steps that set a machine up, as data. Each may run twice. */
export type SetupStep =
  | { kind: 'setup.packages'; packages: readonly string[] }
  | { kind: 'setup.unpackages' }
  | { kind: 'setup.service'; name: string }
  | { kind: 'setup.unservice'; name: string }
  /** `mode`: default 644. */
  | { kind: 'setup.file'; path: string; text: string; what: string; mode?: number }
  /** `text`: what was there before; null: nothing. */
  | { kind: 'setup.unfile'; path: string; text: string | null; mode?: number }
  | { kind: 'setup.swap'; path: string; bytes: number }
  | { kind: 'setup.unswap'; path: string }
  | { kind: 'setup.link'; path: string; to: string }
  | { kind: 'setup.unlink'; path: string; to: string | null }
  | { kind: 'setup.ssh'; path: string; text: string }
  | { kind: 'setup.unssh'; path: string; text: string | null }
  | { kind: 'setup.up' }
  | { kind: 'setup.down' }
  | {
      kind: 'setup.firewall'
      ports: readonly number[]
      rules: string
      /** How long it waits for somebody who says that the server is still reached; null: it does not wait. */
      seconds: number | null
    }
  | { kind: 'setup.record'; kept: Omit<Kept, 'at'> }

export const setupSentences: Sentences<SetupStep> = {
  'setup.packages': s => `install ${list(s.packages)}, with what they need`,
  'setup.unpackages': () => 'remove the packages that it installed',
  'setup.service': s => `start ${s.name}, now and at boot`,
  'setup.unservice': s => `stop ${s.name}`,
  'setup.file': s => `${s.what}: write ${s.path}`,
  'setup.unfile': s => (s.text === null ? `remove ${s.path}` : `write ${s.path} as it was`),
  'setup.swap': s => `${showSize(s.bytes)} of swap in ${s.path}`,
  'setup.unswap': s => `remove the swap in ${s.path}`,
  'setup.link': s => `the command inn: ${s.path} leads to ${s.to}`,
  'setup.unlink': s => (s.to === null ? `remove ${s.path}` : `${s.path} leads to ${s.to} again`),
  'setup.ssh': s => `sshd takes keys and no passwords: write ${s.path}, and have it read`,
  'setup.unssh': s => `sshd as it was: ${s.path}`,
  'setup.up': () => 'start Innkeeper: the supervision tree, edge and keeper, also at boot',
  'setup.down': () => 'stop Innkeeper',
  'setup.firewall': s =>
    `open ${s.ports.length === 1 ? 'port' : 'the ports'} ${list(s.ports.map(String))} to the outside and nothing else${
      s.seconds === null ? '' : `; taken back unless it is confirmed within ${s.seconds} s`
    }`,
  'setup.record': () => 'write down what was set, for `inn server report`',
}
