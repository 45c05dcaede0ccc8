import type { Accounts, Machine, Programs, Records, Texts, Trees } from '../deploys/ports.ts'
import type { BuildPorts } from '../releases/build.ts'
import type { RebuildStore } from './store.ts'

export type RebuildPorts = Records &
  Programs &
  BuildPorts &
  Pick<Accounts, 'account'> &
  Pick<Machine, 'clock' | 'room'> & { files: Trees & Texts; rebuilds: RebuildStore }
