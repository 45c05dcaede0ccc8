import type { Guest } from '../../../src/guests/guest.ts'
import type { Field } from '../kit/Form.tsx'

/** What is asked of a guest, and what the list of guests shows. */
export const guestFields: (Field & { key: keyof Guest })[] = [
  { key: 'name', label: 'Name', required: true, autoComplete: 'name' },
  { key: 'phone', label: 'Phone', type: 'tel', required: true, autoComplete: 'tel' },
  { key: 'email', label: 'E-mail', type: 'email', autoComplete: 'email' },
  { key: 'nationality', label: 'Nationality', autoComplete: 'country-name' },
  { key: 'loyalty', label: 'Loyalty card' },
]
