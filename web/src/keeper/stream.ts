import { useEffect, useEffectEvent } from 'react'

interface Handlers {
  message: (data: unknown) => void
  open?: () => void
  broken?: () => void
}

const RETRY_MS = 3_000

/** What a stream needs of the browser. */
export interface Browser {
  page: Pick<Document, 'hidden' | 'addEventListener' | 'removeEventListener'>
  connect: (url: string) => Pick<EventSource, 'onopen' | 'onmessage' | 'onerror' | 'close'>
}

/**
 * Receives server-sent events while the page is visible, until the returned function is called. A hidden page closes
 * its streams, because browsers allow six connections to one HTTP/1.1 server, and a few forgotten tabs would use them
 * all.
 */
export function openStream(url: string, handlers: Handlers, { page, connect }: Browser): () => void {
  let source: ReturnType<Browser['connect']> | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = () => {
    clearTimeout(timer)
    source?.close()
    source = null
  }
  const start = () => {
    stop()
    if (page.hidden) return
    source = connect(url)
    source.onopen = () => handlers.open?.()
    source.onmessage = event => handlers.message(JSON.parse(event.data))
    source.onerror = () => {
      stop()
      handlers.broken?.()
      timer = setTimeout(start, RETRY_MS)
    }
  }
  start()
  page.addEventListener('visibilitychange', start)
  return () => {
    page.removeEventListener('visibilitychange', start)
    stop()
  }
}

/** The stream of a component. null: none is wanted. */
export function useStream(url: string | null, handlers: Handlers) {
  const message = useEffectEvent(handlers.message)
  const open = useEffectEvent(() => handlers.open?.())
  const broken = useEffectEvent(() => handlers.broken?.())
  useEffect(() => {
    if (url === null) return
    const on: Handlers = { message: data => message(data), open: () => open(), broken: () => broken() }
    return openStream(url, on, { page: document, connect: at => new EventSource(at) })
  }, [url])
}
