import pg from 'pg'
import { log, reasonOf } from '../log.ts'

const AGAIN_AFTER_MS = 1000

export interface Listening {
  channel: string
  heard(payload: string): void
  /** Whatever was notified while the connection was away is lost: look for yourself what changed. */
  resumed(): void
}

/** Keeps a connection of its own that listens, and opens it again when it breaks. */
export class Listener {
  private readonly url: string
  private readonly listening: Listening
  private client: pg.Client | undefined
  private again: NodeJS.Timeout | undefined
  private closed = false
  private wasOpen = false

  constructor(url: string, listening: Listening) {
    this.url = url
    this.listening = listening
  }

  async open(): Promise<void> {
    const client = new pg.Client({ connectionString: this.url, keepAlive: true })
    client.on('error', (error) => log.warn('lost the listening connection', { reason: reasonOf(error) }))
    client.on('end', () => this.later(client))
    client.on('notification', ({ payload }) => this.listening.heard(payload ?? ''))
    this.client = client
    try {
      await client.connect()
      await client.query(`listen ${client.escapeIdentifier(this.listening.channel)}`)
      if (this.wasOpen) this.listening.resumed()
      this.wasOpen = true
    } catch (error) {
      log.warn('cannot listen yet', { reason: reasonOf(error) })
      this.later(client)
    }
  }

  async close(): Promise<void> {
    this.closed = true
    clearTimeout(this.again)
    await this.client?.end()
  }

  /** A failed connection may say so twice, by an error and by its end. */
  private later(client: pg.Client) {
    if (this.closed || this.client !== client) return
    this.client = undefined
    client.end().catch(() => {})
    this.again = setTimeout(() => void this.open(), AGAIN_AFTER_MS)
  }
}
