import { existsSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { describe, Failure } from '../kernel/failure.ts'
import { VERSION_HEADER } from '../kernel/http.ts'
import { guard, statusOf, toldTo, type Watcher } from './access.ts'
import type { Admission } from './actor.ts'
import { type CallLog, keepCalls } from './assistant.ts'
import type { Routes } from './routes.ts'

const MAX_JSON = 1024 * 1024

export interface ApiPorts {
  version: string
  people: Admission
  isWatcher?: Watcher
  /** Where what assistants ask for is written down. */
  audit: CallLog
  /** The dashboard's built files. */
  webFolder: string
  /** Adds the routes of each noun. */
  routes: ReadonlyArray<(app: Routes) => void>
}

/** The API: the same routes on loopback HTTP and on the unix socket, whose callers are trusted. */
export async function buildApi(ports: ApiPorts) {
  const app = Fastify({
    logger: false,
    bodyLimit: MAX_JSON,
    forceCloseConnections: true,
    trustProxy: '127.0.0.1',
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  guard(app, ports.people, ports.isWatcher)
  keepCalls(app, ports.audit)
  failures(app)
  headers(app, ports.version)
  await app.register(swagger, {
    openapi: { info: { title: 'Innkeeper', version: ports.version } },
    transform: withPermission,
  })
  app.addContentTypeParser('application/gzip', (_, payload, done) => done(null, payload))
  for (const add of ports.routes) add(app)
  app.get(
    '/api/openapi.json',
    { config: { permission: 'viewer', sorts: true }, schema: { hide: true } },
    async () => app.swagger(),
  )
  await dashboard(app, ports)
  return app
}

/** Adds the permission of each route to the OpenAPI document. */
const withPermission: typeof jsonSchemaTransform = asked => {
  const { schema, url } = jsonSchemaTransform(asked)
  const { permission, sorts = false, verb, proposal = false } = asked.route.config ?? {}
  const own = { 'x-permission': permission, 'x-sorts': sorts, 'x-verb': verb, 'x-proposal': proposal }
  return { schema: { ...schema, ...own }, url }
}

/** Every error is answered with what, why and fix. Unexpected errors are logged with their stack. */
function failures(app: FastifyInstance): void {
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof Failure) {
      const { app: named } = (request.params ?? {}) as { app?: string }
      return reply
        .code(statusOf(error.code))
        .send({ failure: toldTo(request.actor, describe(error, named ?? null)) })
    }
    if (hasZodFastifySchemaValidationErrors(error)) {
      const why = error.validation
        .map(v => `${v.instancePath.slice(1).replaceAll('/', '.') || error.validationContext}: ${ruleOf(v)}`)
        .join('\n')
      const failure = {
        code: 'request.invalid',
        what: 'the request has a value that cannot be',
        why,
        fix: 'write another one; GET /api/openapi.json says what each route takes',
      }
      return reply.code(400).send({ failure })
    }
    const status = (error as { statusCode?: number }).statusCode ?? 500
    if (status < 500) {
      const failure = {
        code: 'request.invalid',
        what: 'the request cannot be read',
        why: (error as Error).message,
        fix: 'GET /api/openapi.json says what each route takes',
      }
      return reply.code(status).send({ failure })
    }
    console.error(
      JSON.stringify({
        level: 'error',
        msg: `${request.method} ${request.url}`,
        error: (error as Error).stack ?? String(error),
      }),
    )
    return reply.code(500).send({ failure: describe(error) })
  })
}

/** The rule that a value breaks: a bound in words, and else what the schema says. */
function ruleOf({ message = 'it cannot be', params }: { message?: string; params: object }): string {
  const { minimum, maximum, origin } = params as { minimum?: number; maximum?: number; origin?: string }
  const of = origin === 'string' ? ' letters' : origin === 'array' ? ' entries' : ''
  if (!message.startsWith('Too ')) return message
  return minimum === undefined ? `${maximum}${of} at most` : `${minimum}${of} at least`
}

function headers(app: FastifyInstance, version: string): void {
  app.addHook('onSend', async (_, reply) => {
    reply.header(
      'content-security-policy',
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    )
    reply.header('x-content-type-options', 'nosniff')
    reply.header('x-frame-options', 'DENY')
    reply.header('referrer-policy', 'same-origin')
    reply.header(VERSION_HEADER, version)
  })
}

/** Serves the dashboard's built files. Its own paths (/apps/shop) all get index.html. */
async function dashboard(app: FastifyInstance, { webFolder }: Pick<ApiPorts, 'webFolder'>): Promise<void> {
  const built = existsSync(webFolder)
  if (built) {
    await app.register(fastifyStatic, { root: webFolder, serve: false })
    // Vite puts a hash of the content into the names of these files, so they may be cached for ever.
    app.get<{ Params: { '*': string } }>(
      '/assets/*',
      { config: { permission: 'public' }, schema: { hide: true } },
      (request, reply) =>
        reply.sendFile(`assets/${request.params['*']}`, { maxAge: '365d', immutable: true }),
    )
  }
  app.setNotFoundHandler(async (request, reply) => {
    const page =
      request.method === 'GET' &&
      !request.url.startsWith('/api') &&
      (request.headers.accept ?? '').includes('text/html')
    if (page && built) return reply.sendFile('index.html', { cacheControl: false })
    const failure = {
      code: 'route.unknown',
      what: `there is no ${request.method} ${request.url.split('?')[0]}`,
      why: page ? 'the dashboard was not built' : 'no such route',
      fix: page ? 'start the keeper with `./inn up`, which builds it' : 'GET /api/openapi.json lists them',
    }
    return reply.code(404).send({ failure })
  })
}
