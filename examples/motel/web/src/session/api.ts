import { keepSession, readSession } from './session'

export class ApiError extends Error {}

/** Asks the API as the one who is logged in. Throws ApiError with words for people. */
export async function api<T>(path: string, body?: object): Promise<T> {
  const token = readSession()?.token
  const response = await fetch(`/api${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { ...(body && { 'content-type': 'application/json' }), ...(token && { authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new ApiError('The motel cannot be reached.')
  })
  const answer = await response.json().catch(() => null)
  if (response.ok) return answer as T
  if (response.status === 401 && token) keepSession(null)
  const words: unknown = answer?.message
  throw new ApiError(Array.isArray(words) ? words.join('; ') : typeof words === 'string' ? words : 'That did not work.')
}
