import { useEffect, useState } from 'react'
import type { Occupancy } from '../../src/checkins/occupancy.ts'
import type { Json } from './api.ts'

export type Link = 'connecting' | 'socket' | 'stream'
type Live = { occupancy?: Json<Occupancy>; link: Link }

const RETRY_MS = 1000
/** A proxy that does not let sockets through refuses them each time. */
const TRIES_BEFORE_STREAM = 3

export function useLive(): Live {
  const [live, setLive] = useState<Live>({ link: 'connecting' })
  useEffect(() => {
    const show = (link: Link) => (event: MessageEvent<string>) => setLive({ link, occupancy: JSON.parse(event.data) })
    const lost = () => setLive(({ occupancy }) => ({ occupancy, link: 'connecting' }))
    return watch({ show, lost })
  }, [])
  return live
}

interface Screen {
  show: (link: Link) => (event: MessageEvent<string>) => void
  lost: () => void
}

/** Returns how to stop. */
function watch({ show, lost }: Screen): () => void {
  let stopped = false
  let failures = 0
  let close = () => {}

  function bySocket() {
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/ws`)
    socket.onopen = () => (failures = 0)
    socket.onmessage = show('socket')
    socket.onclose = () => {
      if (stopped) return
      lost()
      failures += 1
      setTimeout(() => stopped || (failures < TRIES_BEFORE_STREAM ? bySocket() : byStream()), RETRY_MS)
    }
    close = () => socket.close()
  }
  function byStream() {
    const stream = new EventSource('/api/stream')
    stream.addEventListener('occupancy', show('stream'))
    stream.onerror = lost
    close = () => stream.close()
  }
  bySocket()
  return () => {
    stopped = true
    close()
  }
}
