import { index, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { users } from '../accounts/schema.ts'

const moment = (name: string) => timestamp(name, { withTimezone: true })

/** One log-in and the family of refresh tokens that came from it. */
export const sessions = pgTable(
  'sessions',
  {
    id: uuid().primaryKey().defaultRandom(),
    userId: integer('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: moment('created_at').notNull().defaultNow(),
    /** That of the newest token: without it the session is over. */
    expiresAt: moment('expires_at').notNull(),
  },
  table => [index('sessions_user').on(table.userId)],
)

/** Rotated ones stay as long as their session, to be recognised when somebody comes with one again. */
export const refreshTokens = pgTable(
  'refresh_tokens',
  {
    hash: text().primaryKey(),
    sessionId: uuid('session_id')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    rotatedAt: moment('rotated_at'),
  },
  table => [index('refresh_tokens_session').on(table.sessionId)],
)
