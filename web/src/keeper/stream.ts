import { useEffect, useEffectEvent } from 'react'

interface Handlers {
  message: (data: unknown) => void
  open?: () => void
  broken?: () => void
}

const RETRY_MS = 3_000

/**
 * Receives server-sent events while the page is visible. A hidden page closes its streams, because browsers allow six
 * connections to one HTTP/1.1 server, and a few forgotten tabs would use them all.
 */
export function useStream(url: string | null, handlers: Handlers) {
  const message = useEffectEvent(handlers.message)
  const open = useEffectEvent(() => handlers.open?.())
  const broken = useEffectEvent(() => handlers.broken?.())
  useEffect(() => {
    if (url === null) return
    let source: EventSource | null = null
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = () => {
      clearTimeout(timer)
      source?.close()
      source = null
    }
    const start = () => {
      stop()
      if (document.hidden) return
      source = new EventSource(url)
      source.onopen = () => open()
      source.onmessage = event => message(JSON.parse(event.data))
      source.onerror = () => {
        stop()
        broken()
        timer = setTimeout(start, RETRY_MS)
      }
    }
    start()
    document.addEventListener('visibilitychange', start)
    return () => {
      document.removeEventListener('visibilitychange', start)
      stop()
    }
  }, [url])
}
