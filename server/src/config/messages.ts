import { z } from 'zod'

const channel = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}$/,
    'a channel has small letters, digits and -, begins with a letter, and is 40 long at most',
  )

/** `messages:` of innkeeper.yaml: by which channels of the server the app writes to its own people. */
export const messages = z
  .strictObject({
    email: channel.optional().describe('The channel for e-mail; an admin allows it: inn notify allow'),
    telegram: channel
      .optional()
      .describe('The channel whose bot sends; an admin allows it: inn notify allow'),
  })
  .refine(
    ({ email, telegram }) => email !== undefined || telegram !== undefined,
    'name a channel: email or telegram',
  )
export type MessagesConfig = z.output<typeof messages>

/** Under which name the token of an app is kept among its secrets. No variable has such a name. */
export const APP_TOKEN = 'app-token:'

/** The variables in which an app finds the keeper, and by which token it is known there. */
export const SOCKET_VARIABLE = 'INNKEEPER_SOCKET'
export const TOKEN_VARIABLE = 'INNKEEPER_APP_TOKEN'
