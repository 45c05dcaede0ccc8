import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execOk } from '../../drivers/host/exec.ts'
import { snapshotsContract } from './snapshots.contract.ts'
import { fakeSnapshots } from './snapshots.fake.ts'

snapshotsContract('the fake', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'inn-fake-'))
  let places = 0
  return {
    snapshots: fakeSnapshots({
      folder,
      run: async (argv, env) => (await execOk({ argv, env, timeoutMs: 10_000 }, 'the command')).stdout,
    }),
    place: () => ({ kind: 'folder', name: `disk-${++places}`, path: join(folder, `disk-${places}`) }),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
})
