import { type Occupancy, occupancyOf } from '../checkins/occupancy.ts'
import { log, reasonOf } from '../log.ts'
import type { Storage } from '../storage/storage.ts'

const FRESH_MS = 250

/** The occupancy, read at most four times a second however many people watch. */
export class Live {
  private readonly watchers = new Set<(occupancy: Occupancy) => void>()
  private readonly stopListening: () => void
  private reading: { at: number; result: Promise<Occupancy> } | undefined
  private timer: NodeJS.Timeout | undefined
  private readonly storage: Storage

  constructor(storage: Storage) {
    this.storage = storage
    this.stopListening = storage.changes.listen(() => {
      this.timer ??= setTimeout(() => void this.tell(), FRESH_MS)
    })
  }

  current(): Promise<Occupancy> {
    const now = Date.now()
    if (!this.reading || now - this.reading.at >= FRESH_MS) this.reading = { at: now, result: this.read() }
    return this.reading.result
  }

  /** Returns how to stop watching. */
  watch(watcher: (occupancy: Occupancy) => void): () => void {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }

  close() {
    clearTimeout(this.timer)
    this.stopListening()
  }

  private async read(): Promise<Occupancy> {
    const [berths, waiting] = await Promise.all([this.storage.capsules.berths(), this.storage.checkIns.waiting()])
    return occupancyOf(berths, waiting, new Date())
  }

  private async tell(): Promise<void> {
    this.timer = undefined
    if (this.watchers.size === 0) return
    try {
      this.reading = { at: Date.now(), result: this.read() }
      const occupancy = await this.reading.result
      for (const watcher of this.watchers) watcher(occupancy)
    } catch (error) {
      log.warn('occupancy not sent', { reason: reasonOf(error) })
    }
  }
}
