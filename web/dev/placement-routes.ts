import { Placement } from '../../server/src/watch/placement/wire.ts'
import { answer, type Handler } from './call.ts'

export const placementRoutes: Array<[string, RegExp, Handler]> = [
  [
    'GET',
    /^\/api\/apps\/([^/]+)\/placement$/,
    call =>
      answer(call, Placement, {
        app: call.params[0]!,
        environment: 'production',
        host: 'inn-1',
        release: 'r41',
        placed: [
          {
            what: 'entrance',
            where: `the edge, ${call.params[0]}.example on 80 and 443`,
            why: 'domains; /api to api and / to web',
          },
          {
            what: 'api',
            where:
              'api.green.1 :20350, api.green.2 :20351 and api.blue.1 :20348 (warm), as inn-hostel-q5c4n1ukm43baxd396',
            why: 'instances: 2',
          },
          {
            what: 'PostgreSQL',
            where: `127.0.0.1:29878, /var/lib/innkeeper/postgres/${call.params[0]}`,
            why: 'database: its own, so that no other app reads or fills it',
          },
          {
            what: 'folder uploads',
            where: `/var/lib/innkeeper/apps/${call.params[0]}/shared/api/uploads`,
            why: 'persist of api: all releases share it',
          },
          {
            what: 'backups, offsite',
            where: 'https://s3.eu-central-1.example.com/hostel-backups',
            why: 'backups.where.offsite',
          },
        ],
      }),
  ],
]
