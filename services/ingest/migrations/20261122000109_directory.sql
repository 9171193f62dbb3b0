-- migrate:up

-- How the registry is searched by HTTP. A name is found by the beginnings of its words, without case and accents;
-- `store/directory.py` writes the same expression.
CREATE INDEX spelling_words ON spelling USING gin (
    to_tsvector('simple', translate(
        regexp_replace(normalize(lower(name), NFKD), '[\u0300-\u036f]', '', 'g'), './@:_+-', '       ')));
CREATE INDEX spelling_since ON spelling USING brin (known_since);
CREATE INDEX decision_since ON decision USING brin (decided_at);
CREATE INDEX supplier_country ON supplier (country, id);
CREATE INDEX supplier_identifiers ON supplier USING gin (identifiers jsonb_path_ops) WHERE identifiers <> '{}';
CREATE INDEX site_country ON site (country, id);
CREATE INDEX site_supplier ON site (supplier);
CREATE INDEX site_identifiers ON site USING gin (identifiers jsonb_path_ops) WHERE identifiers <> '{}';

-- migrate:down
DROP INDEX site_identifiers, site_supplier, site_country, supplier_identifiers, supplier_country, decision_since,
    spelling_since, spelling_words;
