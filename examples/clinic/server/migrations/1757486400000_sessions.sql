-- Up Migration

-- Trusted since PostgreSQL 13: who owns the database may add it, without being a superuser.
create extension if not exists btree_gist;

create table sessions (
  id int generated always as identity primary key,
  therapist_id int not null references therapists,
  patient_id int not null references patients,
  during tstzrange not null check (not isempty(during) and not lower_inf(during) and not upper_inf(during)),
  kind text not null check (kind in ('intake', 'individual', 'video')),
  state text not null default 'booked' check (state in ('booked', 'held', 'missed', 'cancelled')),
  note text not null default '',
  created_at timestamptz not null default now(),
  constraint sessions_therapist_once exclude using gist (therapist_id with =, during with &&) where (state <> 'cancelled'),
  constraint sessions_patient_once exclude using gist (patient_id with =, during with &&) where (state <> 'cancelled')
);
create index sessions_by_start on sessions (lower(during));
create index sessions_of_therapist on sessions (therapist_id, lower(during));
create index sessions_of_patient on sessions (patient_id, lower(during));

-- Down Migration
drop table sessions;
drop extension btree_gist;
