-- Up Migration
create table exports (
  id int generated always as identity primary key,
  kind text not null check (kind in ('sessions', 'invoices')),
  from_day date not null,
  to_day date not null check (to_day >= from_day),
  file text not null unique,
  row_count int not null,
  made_by int not null references accounts,
  made_at timestamptz not null default now()
);

-- Down Migration
drop table exports;
