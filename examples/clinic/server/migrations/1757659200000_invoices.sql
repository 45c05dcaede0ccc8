-- Up Migration
create table invoices (
  id int generated always as identity primary key,
  patient_id int not null references patients,
  state text not null default 'draft' check (state in ('draft', 'sent', 'paid', 'void')),
  year int,
  number int,
  amount_cents int not null default 0,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  due_on date,
  paid_at timestamptz,
  voided_at timestamptz,
  unique (year, number),
  -- A number is given when an invoice leaves the house, and stays with it for good.
  check ((state = 'draft') = (number is null) and (number is null) = (year is null))
);
create index invoices_of_patient on invoices (patient_id);

create table invoice_lines (
  invoice_id int not null references invoices on delete cascade,
  position int not null,
  held_on date not null,
  description text not null,
  amount_cents int not null,
  primary key (invoice_id, position)
);

-- The last number of each year. A sequence would leave a gap whenever a transaction fails.
create table invoice_years (
  year int primary key,
  last_number int not null
);

alter table sessions add column invoice_id int references invoices on delete set null;
create index sessions_of_invoice on sessions (invoice_id) where invoice_id is not null;

-- Down Migration
alter table sessions drop column invoice_id;
drop table invoice_years;
drop table invoice_lines;
drop table invoices;
