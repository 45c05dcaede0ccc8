-- Up Migration
create table screenings (
  id int generated always as identity primary key,
  patient_id int not null references patients,
  kind text not null check (kind in ('phq9', 'gad7')),
  due_on date not null,
  answers smallint[],
  score smallint,
  band text,
  -- The patient wrote of thoughts of being better off dead: somebody has to look.
  flagged boolean not null default false,
  taken_at timestamptz,
  check ((taken_at is null) = (answers is null) and (taken_at is null) = (score is null) and (taken_at is null) = (band is null))
);
create index screenings_of_patient on screenings (patient_id, taken_at);
-- The same questionnaire twice at once would only be filled in twice.
create unique index screenings_open_once on screenings (patient_id, kind) where taken_at is null;

-- Down Migration
drop table screenings;
