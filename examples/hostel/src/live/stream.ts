import type { Response } from 'express'
import type { Occupancy } from '../checkins/occupancy.ts'
import type { Live } from './live.ts'

const KEEP_ALIVE_MS = 15_000

/** Serves /api/stream: the same as /ws, as server-sent events. */
export class Streams {
  private readonly open = new Set<Response>()
  private readonly live: Live

  constructor(live: Live) {
    this.live = live
  }

  async add(res: Response): Promise<void> {
    const first = await this.live.current()
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' })
    const send = (occupancy: Occupancy) => res.write(`event: occupancy\ndata: ${JSON.stringify(occupancy)}\n\n`)
    send(first)
    const stopWatching = this.live.watch(send)
    const keepAlive = setInterval(() => res.write(': still here\n\n'), KEEP_ALIVE_MS)
    this.open.add(res)
    res.on('close', () => {
      this.open.delete(res)
      clearInterval(keepAlive)
      stopWatching()
    })
  }

  close() {
    for (const res of this.open) res.end()
  }
}
