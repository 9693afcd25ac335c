CREATE OR REPLACE VIEW $view AS SELECT * FROM qgis_services WHERE '$code' = ANY (categories)
