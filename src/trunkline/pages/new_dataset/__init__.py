"""Making a dataset in four panes, and changing one in the same forms."""

from trunkline.access.roles import Right
from trunkline.pages.new_dataset import editing, fragments, panes
from trunkline.pages.routing import get, post

WRITE = Right.DATASETS_WRITE
PAGES = (
    get("/datasets/new", panes.show, WRITE),
    post("/datasets/new", panes.send, WRITE),
    post("/datasets/new/options", fragments.options, WRITE),
    post("/datasets/new/menu/{option}", fragments.menu, WRITE),
    post("/datasets/new/days", fragments.days, WRITE),
    post("/datasets/new/times", fragments.times, WRITE),
    post("/datasets/new/name", fragments.name, WRITE),
    post("/datasets/new/test", fragments.test, WRITE),
    post("/datasets/new/preview", fragments.rows, WRITE),
    post("/datasets/new/cost", fragments.cost, WRITE),
    get("/datasets/{name}/edit", editing.show, WRITE),
    post("/datasets/{name}/edit", editing.send, WRITE),
    get("/connectors/{name}/new", panes.show_connector, WRITE),
)
