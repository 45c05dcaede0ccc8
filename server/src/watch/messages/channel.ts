/** How bad it is, for the colour and the sound with which a channel shows it. */
export type Level = 'late' | 'soon' | 'over'

const RINGS: ReadonlySet<string> = new Set(['pagerduty', 'twilio'])

/** Whether a channel wakes people, or costs with each message: what nobody has to act on at once does not go there by itself. */
export const rings = ({ settings }: { settings: { kind: string } }): boolean => RINGS.has(settings.kind)

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
  /** What was measured, for channels that can show a picture. */
  chart?: Chart
  letter?: Letter
}

/** Makes a message go to this address alone, instead of where the channel is for. `to` was checked by whoever took it in. */
export interface Letter {
  to: string
  /** The app that sends it. It is told of where the app's own messages are, to who may see whom they are for. */
  of?: string
  /** As whom it is sent; left out: the address alone. */
  fromName?: string
  /** The same as `text` for who reads HTML. */
  html?: string
  /** More headers, such as `List-Unsubscribe`. */
  headers?: Readonly<Record<string, string>>
}

export interface Chart {
  title: string
  /** `percent`: 1 is 100 %. */
  unit: 'percent' | 'seconds' | 'bytes' | 'number'
  /** Milliseconds since 1970. */
  from: number
  to: number
  /** Above or below this it is told; null: there is no such number. */
  threshold: number | null
  lines: ReadonlyArray<{ points: ReadonlyArray<readonly [at: number, value: number | null]> }>
}

/** Makes a PNG of a chart. null: this machine cannot, and the words go alone. Never rejects. */
export type Draw = (chart: Chart) => Promise<Uint8Array | null>

/** The button of a message that somebody pressed. */
export interface Press {
  /** Of the dispatch, as `send` was given it. */
  key: string
  /** Who it was, as the provider names people. */
  by: string
  /** Answers whoever pressed it. Rejects when the provider does not take it. */
  answer(text: string): Promise<void>
}

/**
 * What became of one request. `later`: it may go well the next time, at `afterMs` at the earliest, if the provider said so;
 * `refused`: the channel has to be set right first; with `alone` both are about this letter or whoever it is for, and say
 * nothing of others; `bounced`: this address takes nothing, now or ever.
 */
export type Outcome =
  | { type: 'sent'; reference: string | null }
  | { type: 'later'; why: string; afterMs: number | null; alone?: true }
  | { type: 'refused'; why: string; alone?: true }
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
  /** That it takes letters, and how many; left out: it takes none. */
  letters?: { limits: readonly Limit[] }
  /** `key` is the same for each try of one dispatch, for providers that know what they had before. Never rejects. */
  send(key: string, content: Content, signal: AbortSignal): Promise<Outcome>
  /**
   * Waits for presses of the button that messages of incidents have there, for some seconds at most. Left out: it has no
   * such button. Rejects when the provider does not answer, or somebody else waits for the same.
   */
  pressed?(signal: AbortSignal): Promise<Press[]>
}
