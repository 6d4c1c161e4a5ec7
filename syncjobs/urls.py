"""Addresses of the pipeline's pages."""

from django.urls import URLPattern, URLResolver, path

from syncjobs.views import conflicts, elements, errands, handover, homes, mapping, options, plans, runs, unlinked

urlpatterns: list[URLPattern | URLResolver] = [
    path("", homes.home, name="home"),
    path("firms/<int:firm>/", homes.firm_home, name="firm_home"),
    path("clients/<int:client>/", homes.client_home, name="client_home"),
    path("shops/<int:shop>/test/", errands.shop_test, name="shop_test"),
    path("shops/<int:shop>/count/", errands.count_filter, name="count_filter"),
    path("erp/<int:erp>/test/", errands.erp_test, name="erp_test"),
    path("errands/<int:errand>/", errands.errand, name="errand"),
    path("shops/<int:shop>/options/", options.options, name="options"),
    path("shops/<int:shop>/options/<slug:kind>/", options.options_kind, name="options_kind"),
    path("shops/<int:shop>/mapping/", mapping.mapping, name="mapping"),
    path("shops/<int:shop>/mapping/<slug:kind>/", mapping.mapping_kind, name="mapping_kind"),
    path("shops/<int:shop>/runs/", runs.runs, name="runs"),
    path("shops/<int:shop>/synchronise/", runs.run_start, name="synchronise"),
    path("shops/<int:shop>/exclude/", runs.exclude, name="exclude"),
    path("runs/<int:run>/", runs.run, name="run"),
    path("runs/<int:run>/live/", runs.run_live, name="run_live"),
    path("runs/<int:run>/cancel/", runs.run_cancel, name="run_cancel"),
    path("steps/<int:step>/retry/", runs.step_retry, name="step_retry"),
    path("steps/<int:step>/plan/", plans.plan, name="plan"),
    path("steps/<int:step>/handed-over/import.txt", handover.import_items, name="handover_import"),
    path("steps/<int:step>/handed-over/work.csv", handover.work_items, name="handover_work"),
    path("steps/<int:step>/decide/", plans.plan_decide, name="plan_decide"),
    path("shops/<int:shop>/unlinked/", unlinked.unlinked, name="unlinked"),
    path("shops/<int:shop>/unlinked/<slug:kind>/", unlinked.unlinked_kind, name="unlinked_kind"),
    path("shops/<int:shop>/unlinked/<slug:kind>/act/", unlinked.unlinked_act, name="unlinked_act"),
    path("shops/<int:shop>/conflicts/", conflicts.conflicts, name="conflicts"),
    path("shops/<int:shop>/conflicts/decide/", conflicts.conflicts_decide, name="conflicts_decide"),
    path("shops/<int:shop>/elements/<slug:kind>/", elements.elements, name="elements"),
    path("shops/<int:shop>/element-act/<slug:kind>/<slug:side>/<path:key>/", elements.element_act, name="element_act"),
    path("shops/<int:shop>/elements/<slug:kind>/<slug:side>/<path:key>/", elements.element, name="element"),
]
