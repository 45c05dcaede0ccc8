import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listed } from './belongings.ts'

const LIST = `;
; Archive created at 2026-11-28 10:00:00 UTC
;
2; 3079 16390 EXTENSION - citext 
3; 3079 16500 EXTENSION - postgis 
4216; 0 0 COMMENT - EXTENSION postgis 
6; 2615 16600 SCHEMA - geo innkeeper
215; 1259 16700 TABLE public guest shop_owner
216; 1259 16701 TABLE public theirs innkeeper
4217; 0 16700 TABLE DATA public guest shop_owner
4218; 0 16501 TABLE DATA geo spatial_ref_sys innkeeper
4219; 0 0 ACL public TABLE guest shop_owner
4220; 0 0 ACL public FUNCTION pg_reset() innkeeper
1770; 826 16800 DEFAULT ACL public DEFAULT PRIVILEGES FOR TABLES innkeeper
1771; 826 16801 DEFAULT ACL - DEFAULT PRIVILEGES FOR TABLES shop_owner
3500; 3466 16900 EVENT TRIGGER - watch innkeeper
`

test('what others bring, or only a superuser makes, is not loaded; and only the latter is told', () => {
  const { list, left } = listed(LIST, {
    roles: ['shop_owner', 'shop_app'],
    extensions: [{ name: 'postgis', schema: 'geo' }],
    theirs: ['geo spatial_ref_sys'],
  })
  const kept = list.split('\n').flatMap(line => /^\d+; \d+ \d+ (.*)$/.exec(line)?.[1] ?? [])
  assert.deepEqual(kept, [
    'EXTENSION - citext ',
    'TABLE public guest shop_owner',
    'TABLE public theirs innkeeper',
    'TABLE DATA public guest shop_owner',
    'ACL public TABLE guest shop_owner',
    'DEFAULT ACL - DEFAULT PRIVILEGES FOR TABLES shop_owner',
  ])
  assert.deepEqual(left, ['TABLE DATA geo spatial_ref_sys innkeeper', 'EVENT TRIGGER - watch innkeeper'])
  assert.ok(list.startsWith(';\n; Archive'), 'comments stay')
})
