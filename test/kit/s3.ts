import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { BucketPlace } from '../../server/src/data/places/place.ts'
import { Secret } from '../../server/src/kernel/secret.ts'
import { type Answer, problem, respond, type Store } from './s3-server.ts'

export type Fault =
  /** Connections are closed at once. */
  | { kind: 'refused' }
  /** 503 to everything. */
  | { kind: 'unavailable' }
  | { kind: 'slow'; ms: number }
  /** Bodies of answers and of requests are cut off in the middle. */
  | { kind: 'cut' }
  /** Objects whose key matches are missing, also in lists. */
  | { kind: 'lost'; key: RegExp }
  /** One byte in the middle of what is read of these objects is changed. */
  | { kind: 'corrupt'; key: RegExp }

export interface S3 {
  endpoint: string
  bucket: string
  /** File with the certificate that clients must trust. */
  ca: string
  /** A place in the bucket, in its own folder. */
  place(name: string): BucketPlace
  /** The stored objects. */
  objects(): Array<{ key: string; bytes: number }>
  /** The fault that requests get from now on; null: none. */
  fault: Fault | null
  stop(): Promise<void>
}

/** An S3 server on loopback with TLS, its objects in memory. */
export async function makeS3(): Promise<S3> {
  const at = await mkdtemp(join(tmpdir(), 'inn-s3-'))
  const [cert, key] = await certificate(at)
  const store: Store = {
    bucket: 'innkeeper-test',
    region: 'eu-test-1',
    keyId: 'AKIDTEST',
    secret: 'secret/of+the=test',
    objects: new Map(),
    uploads: new Map(),
  }
  const sockets = new Set<Duplex>()
  const server = createServer({ cert, key, keepAliveTimeout: 30_000 }, (request, response) => {
    handle(store, s3.fault, request, response).catch(() => response.destroy())
  })
  server.on('connection', socket => {
    sockets.add(socket.on('close', () => sockets.delete(socket)))
    if (s3.fault?.kind === 'refused') socket.destroy()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ca = join(at, 'ca.pem')
  const { bucket, region, keyId } = store
  const s3: S3 = {
    endpoint,
    bucket,
    ca,
    place: name => ({
      ...{ kind: 's3', name, endpoint, region, bucket, prefix: name, keyId, ca },
      secret: new Secret(store.secret),
    }),
    objects: () => [...store.objects].map(([key, { body }]) => ({ key, bytes: body.length })),
    fault: null,
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
      await rm(at, { recursive: true, force: true })
    },
  }
  return s3
}

/** A certificate for the address as a name too, because pgBackRest compares the address only with names. */
async function certificate(at: string): Promise<[Buffer, Buffer]> {
  const [cert, key] = [join(at, 'ca.pem'), join(at, 'key.pem')]
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', cert],
    ...['-addext', 'subjectAltName=DNS:localhost,DNS:127.0.0.1,IP:127.0.0.1'],
  ])
  return Promise.all([readFile(cert), readFile(key)])
}

async function handle(
  store: Store,
  fault: Fault | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (fault?.kind === 'refused') return void request.socket.destroy()
  if (fault?.kind === 'cut' && request.method === 'PUT') {
    await once(request, 'data')
    return void request.socket.destroy()
  }
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  if (fault?.kind === 'slow') await sleep(fault.ms)
  const reads = ['GET', 'HEAD'].includes(request.method!)
  const answer =
    fault?.kind === 'unavailable'
      ? problem(503, 'SlowDown')
      : respond(reads ? remaining(store, fault) : store, request, Buffer.concat(chunks))
  send(request, response, faulty(fault, request, answer), fault?.kind === 'cut')
}

/** The stored objects as a client sees them with this fault. */
const remaining = (store: Store, fault: Fault | null): Store =>
  fault?.kind !== 'lost'
    ? store
    : { ...store, objects: new Map([...store.objects].filter(([key]) => !fault.key.test(key))) }

/** The answer as it is sent with this fault. */
function faulty(fault: Fault | null, request: IncomingMessage, answer: Answer): Answer {
  const reads = request.method === 'GET' && !/[?&](list-type|location)\b/.test(request.url!)
  if (!reads || fault?.kind !== 'corrupt' || !fault.key.test(request.url!)) return answer
  const body = Buffer.from(answer.body ?? '')
  if (body.length > 0) body[body.length >> 1]! ^= 1
  return { ...answer, body }
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body = '' }: Answer,
  cut: boolean,
): void {
  const content = Buffer.from(body)
  response.writeHead(status, { ...headers, 'content-length': content.length })
  if (request.method === 'HEAD') return void response.end()
  if (!cut || content.length < 2) return void response.end(content)
  response.write(content.subarray(0, content.length >> 1), () => request.socket.destroy())
}
