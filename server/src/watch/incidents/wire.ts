import { z } from 'zod'

/** How much it hurts, in the words of public status pages: `critical`: nothing works; `major`: much fails; `minor`: little does. */
export const IncidentSeverity = z.enum(['critical', 'major', 'minor'])
export type IncidentSeverity = z.infer<typeof IncidentSeverity>

const text = (most: number) => z.string().trim().min(1).max(most)
const Who = z.object({ by: z.string(), at: z.iso.datetime() })

export const IncidentView = z.object({
  id: z.number().int(),
  /** null: it is about the server. */
  app: z.string().nullable(),
  title: z.string(),
  severity: IncidentSeverity,
  /** What people outside notice of it, in words; null: nobody said. */
  impact: z.string().nullable(),
  /** Who leads; null: nobody yet. */
  lead: z.string().nullable(),
  state: z.enum(['open', 'acknowledged', 'resolved']),
  /** When it began to go wrong, as far as that was measured. */
  beganAt: z.iso.datetime(),
  openedAt: z.iso.datetime(),
  /** `keeper`: by a critical alert. */
  openedBy: z.string(),
  acknowledged: Who.nullable(),
  resolved: Who.nullable(),
  /** Requests since it began, and those of them that were answered with an error, as the edge counted them. */
  requests: z.number().int(),
  errors: z.number().int(),
})
export type IncidentView = z.infer<typeof IncidentView>

export const IncidentEntry = z.object({
  at: z.iso.datetime(),
  kind: z.enum(['state', 'alert', 'change', 'command', 'told', 'note', 'public']),
  who: z.string().nullable(),
  what: z.string(),
  detail: z.string().nullable(),
})
export type IncidentEntry = z.infer<typeof IncidentEntry>

export const FollowUp = z.object({
  id: z.number().int(),
  incident: z.number().int(),
  what: z.string(),
  /** From then on it is asked about. */
  dueAt: z.iso.datetime(),
  by: z.string(),
  done: Who.nullable(),
})
export type FollowUp = z.infer<typeof FollowUp>

/** How far it is, in the words of public status pages. */
export const PublicState = z.enum(['investigating', 'identified', 'monitoring', 'resolved'])
export type PublicState = z.infer<typeof PublicState>

/** What was said of it in public. */
export const PublicUpdate = z.object({
  id: z.number().int(),
  at: z.iso.datetime(),
  by: z.string(),
  as: PublicState,
  /** What it is called in public; null: as before, or by how bad it is. */
  title: z.string().nullable(),
  say: z.string(),
  /** Components of the page that it is about. */
  components: z.array(z.string()),
})
export type PublicUpdate = z.infer<typeof PublicUpdate>

export const IncidentDetail = IncidentView.extend({
  /** Oldest first. */
  updates: z.array(PublicUpdate),
  /** Components of the app's status page that an update may name; null: there is no page that it would stand on. */
  components: z.array(z.string()).nullable(),
  timeline: z.array(IncidentEntry),
  followUps: z.array(FollowUp),
})
export type IncidentDetail = z.infer<typeof IncidentDetail>

/** Medians of the incidents that were opened in a month and are resolved, in milliseconds; null: there is no such time. */
export const IncidentMonth = z.object({
  month: z.string().meta({ description: 'YYYY-MM, in UTC' }),
  incidents: z.number().int(),
  detectMs: z.number().nullable(),
  acknowledgeMs: z.number().nullable(),
  recoverMs: z.number().nullable(),
})
export type IncidentMonth = z.infer<typeof IncidentMonth>

export const IncidentList = z.object({
  incidents: z.array(IncidentView),
  months: z.array(IncidentMonth),
  /** Those of all incidents that are not done. */
  followUps: z.array(FollowUp),
})
export type IncidentList = z.infer<typeof IncidentList>

export const IncidentRequest = z.object({
  app: z.string().max(200).nullable().default(null),
  title: text(200),
  severity: IncidentSeverity.default('major'),
  impact: text(1_000).nullable().default(null),
  lead: text(100).nullable().default(null),
})
export type IncidentRequest = z.infer<typeof IncidentRequest>

/** What is left out stays. */
export const IncidentChange = z
  .object({
    title: text(200),
    severity: IncidentSeverity,
    impact: text(1_000),
    lead: text(100),
  })
  .partial()
  .refine(change => Object.keys(change).length > 0, 'nothing of it is to change')
export type IncidentChange = z.infer<typeof IncidentChange>

export const UpdateRequest = z.object({
  say: text(2_000),
  /** null: as before; at first `investigating`. */
  as: PublicState.nullable().default(null),
  title: text(120).nullable().default(null),
  /** null: as before; at first none. */
  components: z.array(text(60)).max(30).nullable().default(null),
})
export type UpdateRequest = z.infer<typeof UpdateRequest>

export const NoteRequest = z.object({ note: text(4_000) })
/** `note`: what was wrong, and what helped. */
export const ResolveRequest = z.object({ note: text(4_000).nullable().default(null) })
export const FollowUpRequest = z.object({
  what: text(500),
  dueAt: z.iso.datetime().meta({ description: 'from then on it is asked about' }),
})
/** Markdown. */
export const IncidentReview = z.object({ markdown: z.string() })
export type IncidentReview = z.infer<typeof IncidentReview>
