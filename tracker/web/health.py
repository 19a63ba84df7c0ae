"""Health checks for monitoring: liveness (/up) and readiness (/ready)."""

from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tracker.schema import is_up_to_date
from tracker.web.http.services import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/up")
def up() -> Response:
    """Return 200 as long as this process can answer."""
    return jsonify(up=True)


@blueprint.get("/ready")
def ready() -> tuple[Response, int]:
    """Return 200 if the database answers and its tables have this version, otherwise 503 with the `problem`."""
    problem = _problem()
    if problem:
        return jsonify(ready=False, problem=problem), 503
    return jsonify(ready=True), 200


def _problem() -> str | None:
    database = services().database
    try:
        with database.read_session() as session:
            session.execute(text("SELECT 1"))
        return None if is_up_to_date(database) else "The database's tables are of another version; run tracker migrate."
    except SQLAlchemyError:
        return "The database does not answer."
