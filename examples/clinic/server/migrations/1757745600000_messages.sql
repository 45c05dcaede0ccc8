-- Up Migration
create table messages (
  id int generated always as identity primary key,
  -- A conversation is a patient's, with whoever treats them.
  patient_id int not null references patients,
  author_id int not null references accounts,
  body text not null,
  sent_at timestamptz not null default now(),
  read_at timestamptz
);
create index messages_of_patient on messages (patient_id, id);
create index messages_unread on messages (patient_id, author_id) where read_at is null;

-- Down Migration
drop table messages;
