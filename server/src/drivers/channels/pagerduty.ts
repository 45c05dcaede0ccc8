import type { Secret } from '../../kernel/secret.ts'
import { HOW_BAD } from '../../kernel/words.ts'
import type { Channel, IncidentNews } from '../../watch/messages/channel.ts'
import { judged, post, type Said } from './post.ts'
import { cut } from './words.ts'

const ACTIONS: Record<IncidentNews['event'], string> = {
  begun: 'trigger',
  acknowledged: 'acknowledge',
  over: 'resolve',
}

/** PagerDuty's Events API v2. An incident of ours is one of theirs, and an event that comes twice changes nothing. */
export const pagerduty = (at: string, key: Secret): Channel => ({
  digests: false,
  limits: [{ scope: `pagerduty ${key.reveal()}`, most: 100, perMs: 60_000 }],
  async send(id, { incidents, title, level, text, link }, signal) {
    const whole: IncidentNews = { id, event: 'begun', level: level === 'late' ? 'late' : 'soon', what: title }
    let last: Said | null = null
    // A message without an incident, such as one that was asked for to try the channel, becomes one of its own.
    for (const news of incidents.length === 0 ? [whole] : incidents) {
      const payload = {
        summary: cut(news.what, 1_024),
        source: 'innkeeper',
        severity: HOW_BAD[news.level],
        custom_details: { text },
      }
      const body = {
        routing_key: key.reveal(),
        event_action: ACTIONS[news.event],
        dedup_key: news.id,
        ...(news.event === 'begun' ? { payload } : {}),
        ...(link === null ? {} : { links: [{ href: link, text: 'Innkeeper' }] }),
      }
      last = await post({ url: `${at}/v2/enqueue`, body, signal })
      if (last.status >= 300) break
    }
    return judged(last!, typeof last!.json['dedup_key'] === 'string' ? last!.json['dedup_key'] : null)
  },
})
