import { useCallback, useEffect, useState } from 'react'

/** What a server type looks like after a trip through JSON. */
export type Json<T> = T extends Date ? string : T extends object ? { [Key in keyof T]: Json<T[Key]> } : T

export class ApiError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const isFile = body instanceof Blob
  const response = await fetch(`/api${path}`, {
    method,
    headers: body === undefined ? {} : { 'content-type': isFile ? body.type : 'application/json' },
    body: body === undefined ? undefined : isFile ? body : JSON.stringify(body),
  })
  const answer = response.status === 204 ? undefined : await response.json().catch(() => undefined)
  if (!response.ok) throw new ApiError(response.status, answer?.message ?? `The server answered ${response.status}.`)
  return answer as T
}

export function useQuery<T>(path: string) {
  const [data, setData] = useState<Json<T>>()
  const [error, setError] = useState<ApiError>()
  const reload = useCallback(async () => {
    try {
      setData(await call<Json<T>>('GET', path))
      setError(undefined)
    } catch (failure) {
      setError(failure as ApiError)
    }
  }, [path])
  useEffect(() => void reload(), [reload])
  return { data, error, reload }
}
