import type { Files } from './starter.ts'

const NAMES = ['controllers', 'models', 'middleware']
const IMPORTS = Object.fromEntries([
  ...NAMES.map(name => [`#${name}/*`, `./app/${name}/*.js`]),
  ['#database/*', './database/*.js'],
  ['#start/*', './start/*.js'],
  ['#config/*', './config/*.js'],
])

const PACKAGE = {
  name: 't-adonis',
  version: '0.0.0',
  private: true,
  type: 'module',
  scripts: {
    start: 'node bin/server.js',
    build: 'node ace build',
    dev: 'node ace serve --hmr',
    typecheck: 'tsc --noEmit',
  },
  imports: IMPORTS,
  dependencies: {
    '@adonisjs/core': '7.5.2',
    '@adonisjs/lucid': '22.4.2',
    luxon: '^3.7.2',
    pg: '^8.23.0',
    'reflect-metadata': '^0.2.2',
  },
  devDependencies: {
    '@adonisjs/assembler': '^8.5.2',
    '@adonisjs/tsconfig': '^2.0.0',
    '@poppinss/ts-exec': '^1.4.4',
    '@types/luxon': '^3.7.6',
    '@types/node': '^24.0.0',
    'hot-hook': '^1.0.0',
    'pino-pretty': '^13.2.0',
    typescript: '~5.9.3',
  },
}

const ignitor = (run: string): string => `import 'reflect-metadata'
import { Ignitor, prettyPrintError } from '@adonisjs/core'

const APP_ROOT = new URL('../', import.meta.url)

const IMPORTER = (filePath: string) =>
  filePath.startsWith('./') || filePath.startsWith('../')
    ? import(new URL(filePath, APP_ROOT).href)
    : import(filePath)

new Ignitor(APP_ROOT, { importer: IMPORTER })
  .tap(app => {
    app.booting(async () => {
      await import('#start/env')
    })
    app.listen('SIGTERM', () => app.terminate())
  })
  ${run}
  .catch(error => {
    process.exitCode = 1
    return prettyPrintError(error)
  })
`

/** AdonisJS with Lucid on PostgreSQL: the folders and files that its documentation describes, one model and one migration. */
export const adonis: Files = {
  '.gitignore': 'node_modules\nbuild\ntmp\n.env\n.adonisjs\n',
  '.env.example':
    'TZ=UTC\nPORT=3333\nHOST=localhost\nLOG_LEVEL=info\nAPP_KEY=\nNODE_ENV=development\nDB_HOST=127.0.0.1\nDB_PORT=5432\nDB_USER=root\nDB_PASSWORD=root\nDB_DATABASE=app\n',
  'package.json': `${JSON.stringify(PACKAGE, null, 2)}\n`,
  'tsconfig.json':
    '{\n  "extends": "@adonisjs/tsconfig/tsconfig.app.json",\n  "compilerOptions": { "rootDir": "./", "outDir": "./build" }\n}\n',
  'adonisrc.ts': `import { defineConfig } from '@adonisjs/core/app'

export default defineConfig({
  commands: [() => import('@adonisjs/core/commands'), () => import('@adonisjs/lucid/commands')],
  providers: [
    () => import('@adonisjs/core/providers/app_provider'),
    () => import('@adonisjs/core/providers/hash_provider'),
    () => import('@adonisjs/lucid/database_provider'),
  ],
  preloads: [() => import('#start/routes'), () => import('#start/kernel')],
})
`,
  'ace.js': "import '@poppinss/ts-exec'\nawait import('./bin/console.js')\n",
  'bin/server.ts': ignitor('.httpServer()\n  .start()'),
  'bin/console.ts': ignitor('.ace()\n  .handle(process.argv.splice(2))'),
  'start/env.ts': `import { Env } from '@adonisjs/core/env'

export default await Env.create(new URL('../', import.meta.url), {
  NODE_ENV: Env.schema.enum(['development', 'production', 'test'] as const),
  PORT: Env.schema.number(),
  HOST: Env.schema.string({ format: 'host' }),
  LOG_LEVEL: Env.schema.string(),
  APP_KEY: Env.schema.string(),
  DB_HOST: Env.schema.string({ format: 'host' }),
  DB_PORT: Env.schema.number(),
  DB_USER: Env.schema.string(),
  DB_PASSWORD: Env.schema.string.optional(),
  DB_DATABASE: Env.schema.string(),
})
`,
  'start/kernel.ts': `import router from '@adonisjs/core/services/router'
import server from '@adonisjs/core/services/server'

server.errorHandler(() => import('#start/handler'))
router.use([() => import('@adonisjs/core/bodyparser_middleware')])
`,
  'start/handler.ts': `import { ExceptionHandler } from '@adonisjs/core/http'

export default class HttpExceptionHandler extends ExceptionHandler {}
`,
  'start/routes.ts': `import router from '@adonisjs/core/services/router'
import Visit from '#models/visit'

router.get('/', async () => {
  const visit = await Visit.create({})
  return { visits: visit.id }
})
`,
  'app/models/visit.ts': `import { BaseModel, column } from '@adonisjs/lucid/orm'

export default class Visit extends BaseModel {
  @column({ isPrimary: true })
  declare id: number
}
`,
  'database/migrations/1760000000000_create_visits_table.ts': `import { BaseSchema } from '@adonisjs/lucid/schema'

export default class extends BaseSchema {
  protected tableName = 'visits'

  async up() {
    this.schema.createTable(this.tableName, table => {
      table.increments('id')
    })
  }

  async down() {
    this.schema.dropTable(this.tableName)
  }
}
`,
  'config/app.ts': `import { defineConfig } from '@adonisjs/core/http'
import env from '#start/env'

export const appKey = env.get('APP_KEY')
export const http = defineConfig({ generateRequestId: true, useAsyncLocalStorage: false })
`,
  'config/bodyparser.ts':
    "import { defineConfig } from '@adonisjs/core/bodyparser'\n\nexport default defineConfig({ json: { types: ['application/json'] } })\n",
  'config/encryption.ts': `import { defineConfig, drivers } from '@adonisjs/core/encryption'
import env from '#start/env'

export default defineConfig({
  default: 'gcm',
  list: { gcm: drivers.aes256gcm({ id: 'gcm', keys: [env.get('APP_KEY')] }) },
})
`,
  'config/hash.ts':
    "import { defineConfig, drivers } from '@adonisjs/core/hash'\n\nexport default defineConfig({ default: 'scrypt', list: { scrypt: drivers.scrypt({}) } })\n",
  'config/logger.ts': `import { defineConfig } from '@adonisjs/core/logger'
import env from '#start/env'

export default defineConfig({ default: 'app', loggers: { app: { enabled: true, name: 'app', level: env.get('LOG_LEVEL') } } })
`,
  'config/database.ts': `import { defineConfig } from '@adonisjs/lucid'
import env from '#start/env'

export default defineConfig({
  connection: 'postgres',
  connections: {
    postgres: {
      client: 'pg',
      connection: {
        host: env.get('DB_HOST'),
        port: env.get('DB_PORT'),
        user: env.get('DB_USER'),
        password: env.get('DB_PASSWORD'),
        database: env.get('DB_DATABASE'),
      },
      migrations: { naturalSort: true, paths: ['database/migrations'] },
    },
  },
})
`,
}
