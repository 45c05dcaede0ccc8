import { useCallback, useEffect, useRef, useState } from 'react'

export class ApiError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`/api${path}`, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  })
  const answer = response.status === 204 ? undefined : await response.json().catch(() => undefined)
  if (!response.ok) throw new ApiError(response.status, answer?.message ?? `The server answered ${response.status}.`)
  return answer as T
}

export interface Query<T> { data: T | undefined; error: ApiError | undefined; reload(): Promise<void> }

/** Without a path nothing is asked. A late answer to an earlier path does not replace that to the present one. */
export function useQuery<T>(path: string | undefined): Query<T> {
  const [state, setState] = useState<{ data?: T; error?: ApiError }>({})
  const present = useRef(path)
  const reload = useCallback(async () => {
    if (path === undefined) return
    present.current = path
    const next = await call<T>('GET', path).then((data) => ({ data }), (error: ApiError) => ({ error }))
    if (present.current === path) setState(next)
  }, [path])
  useEffect(() => void reload(), [reload])
  return { data: state.data, error: state.error, reload }
}

/** Runs one thing at a time, and keeps what went wrong for the page to show. */
export function useAction() {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  async function run(work: () => Promise<unknown>): Promise<void> {
    setBusy(true)
    setError(undefined)
    try {
      await work()
    } catch (failure) {
      setError((failure as Error).message)
    } finally {
      setBusy(false)
    }
  }
  return { busy, error, run }
}
