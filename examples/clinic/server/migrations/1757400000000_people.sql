-- Up Migration
create table accounts (
  id int generated always as identity primary key,
  email text not null unique check (email = lower(email)),
  name text not null,
  role text not null check (role in ('admin', 'therapist', 'patient')),
  -- Nobody logs in to an account without a password.
  password_hash text,
  active boolean not null default true,
  created_at timestamptz not null default now()
);

create table therapists (
  id int primary key references accounts,
  approach text not null,
  room text not null,
  fee_cents int not null check (fee_cents > 0)
);

create table patients (
  id int primary key references accounts,
  therapist_id int not null references therapists,
  born date not null,
  phone text not null,
  concern text not null default ''
);
create index patients_of_therapist on patients (therapist_id);

-- Down Migration
drop table patients;
drop table therapists;
drop table accounts;
