/** How bad it is, for the colour and the sound with which a channel shows it. */
export type Level = 'late' | 'soon' | 'over'

/** What one alert means for a channel that keeps incidents of its own (PagerDuty). */
export interface IncidentNews {
  id: string
  event: 'begun' | 'acknowledged' | 'over'
  level: 'late' | 'soon'
  what: string
}

/** What a message says. Each channel gives it a form of its own. */
export interface Content {
  level: Level
  /** One line. */
  title: string
  /** More lines, without marks of any format. */
  text: string
  incidents: readonly IncidentNews[]
  /** Where a person sees more; null: no address is known. */
  link: string | null
}

/**
 * What became of one request. `later`: it may go well the next time, at `afterMs` at the earliest, if the provider said so;
 * `refused`: the channel has to be set right first; `bounced`: this address takes nothing, now or ever.
 */
export type Outcome =
  | { type: 'sent'; reference: string | null }
  | { type: 'later'; why: string; afterMs: number | null }
  | { type: 'refused'; why: string }
  | { type: 'bounced'; why: string }

/** At most so many requests in any stretch of `perMs`. Channels that name the same scope share it. */
export interface Limit {
  scope: string
  most: number
  perMs: number
}

export interface Channel {
  limits: readonly Limit[]
  /** Whether several messages may be sent as one when a limit is reached. */
  digests: boolean
  /** `key` is the same for each try of one dispatch, for providers that know what they had before. Never rejects. */
  send(key: string, content: Content, signal: AbortSignal): Promise<Outcome>
}
