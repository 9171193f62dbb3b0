-- Give one service its schema and its two roles. The caller sets engage.service (its name) and engage.verifier (the SCRAM verifier
-- of its password, so that the password itself never reaches the server). Running it again changes nothing but the password.
--
-- <service>_owner  owns the schema and every table in it; nobody logs in as it, only migrations act as it.
-- <service>        the running service: reads and writes rows of its own schema, defines nothing, sees no other schema.
DO $provision$
DECLARE
  service text := current_setting('engage.service');
  verifier text := current_setting('engage.verifier');
  owner text := service || '_owner';
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = owner) THEN
    EXECUTE format('CREATE ROLE %I NOLOGIN', owner);
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = service) THEN
    EXECUTE format('CREATE ROLE %I', service);
  END IF;
  EXECUTE format('ALTER ROLE %I LOGIN NOINHERIT PASSWORD %L', service, verifier);
  EXECUTE format('GRANT %I TO CURRENT_USER', owner);

  EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', service, owner);
  EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', service);
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', service, service);
  EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', owner, service, service);
  EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I IN SCHEMA %I GRANT USAGE ON SEQUENCES TO %I', owner, service, service);

  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), service);
  REVOKE ALL ON SCHEMA public FROM PUBLIC;

  EXECUTE format('ALTER ROLE %I IN DATABASE %I SET search_path = %I, pg_catalog, pg_temp', service, current_database(), service);
  EXECUTE format('ALTER ROLE %I IN DATABASE %I SET statement_timeout = %L', service, current_database(), '60s');
  EXECUTE format('ALTER ROLE %I IN DATABASE %I SET idle_in_transaction_session_timeout = %L', service, current_database(), '15s');
END
$provision$;
