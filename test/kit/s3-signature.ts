import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/

/** S3's error code when a request is not signed with this key; null: it is. Only signature version 4 in a header. */
export function signatureProblem(
  request: IncomingMessage,
  body: Buffer,
  { keyId, secret, region }: { keyId: string; secret: string; region: string },
): string | null {
  const found = AUTHORIZATION.exec(request.headers.authorization ?? '')
  if (found === null) return 'AccessDenied'
  const [, id, day, where, names, signature] = found as unknown as string[]
  if (id !== keyId) return 'InvalidAccessKeyId'
  if (where !== region) return 'AuthorizationHeaderMalformed'
  const content = String(request.headers['x-amz-content-sha256'])
  if (/^[0-9a-f]{64}$/.test(content) && content !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  const [path, query = ''] = request.url!.split('?')
  const headers = names!.split(';').map(name => {
    const value = name === 'host' ? request.headers.host : request.headers[name]
    return `${name}:${String(value ?? '')
      .trim()
      .replaceAll(/ +/g, ' ')}\n`
  })
  const parts = query
    .split('&')
    .filter(part => part !== '')
    .map(part => (part.includes('=') ? part : `${part}=`))
    .sort()
  const canonical = [request.method, path, parts.join('&'), headers.join(''), names, content].join('\n')
  const scope = `${day}/${where}/s3/aws4_request`
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n')
  const key = [where!, 's3', 'aws4_request'].reduce<Buffer>(hmac, hmac(`AWS4${secret}`, day!))
  return hmac(key, text).toString('hex') === signature ? null : 'SignatureDoesNotMatch'
}

/** The content of a body in the encoding `aws-chunked`, without chunk headers and trailing checksums. */
export function unframed(request: IncomingMessage, body: Buffer): Buffer {
  if (!String(request.headers['x-amz-content-sha256']).startsWith('STREAMING-')) return body
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.subarray(at, line).toString('latin1'), 16)
    if (!(size > 0)) return Buffer.concat(chunks)
    chunks.push(body.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}
