import { execOk } from '../../drivers/host/exec.ts'
import { bedOf, makeCluster } from '../../drivers/postgres/cluster.fixture.ts'
import { physicalContract } from './physical.contract.ts'
import { fakePhysical } from './physical.fake.ts'

physicalContract('the fake', async () => {
  const cluster = await makeCluster()
  const env = { PGPASSFILE: cluster.place.passFile, LANG: 'C.UTF-8' }
  const physical = fakePhysical({
    at: cluster.at,
    cluster: cluster.place,
    run: async (argv, signal) => {
      const command = {
        argv,
        env,
        user: cluster.account,
        cwd: '/',
        timeoutMs: 60_000,
        ...(signal && { signal }),
      }
      return (await execOk(command, argv[0]!)).stdout
    },
  })
  return bedOf(cluster, physical)
})
