# SPDX-License-Identifier: MPL-2.0
"""secure_case: what tests begin with whose brokers want TLS and a password, or ask for a right for everything."""
import tempfile

from harness import purgefleet
from harness.broker import GuardedBroker
from kafka_case import KafkaCase


class SecureCase(KafkaCase):
    secure = True

    def setUp(self):
        super().setUp()
        self.dir = self.enterContext(tempfile.TemporaryDirectory())
        self.config = self.write_config()

    def write_config(self, **changes):
        """An INI file with all that a client needs; `changes` with _ for . in the names, None: left out."""
        properties = {
            "security_protocol": "SASL_SSL", "sasl_mechanism": "PLAIN", "sasl_username": self.broker.user,
            "sasl_password": self.broker.password, "ssl_ca_location": self.broker.ca_file, **changes,
        }
        with tempfile.NamedTemporaryFile("w", dir=self.dir, suffix=".ini", delete=False) as file:
            for name, value in properties.items():
                if value is not None:
                    file.write(f"kafka.{name.replace('_', '.')} = {value}\n")
        return file.name

    def kafka(self):
        return ["--brokers", self.broker.secure_address, "--topic-prefix", self.prefix, "--config", self.config]


class GuardedCase(SecureCase):
    """Its program comes to the address where a right is asked for everything."""
    @classmethod
    def make_broker(cls):
        return GuardedBroker()

    def call_freely(self, prefix, command, *options):
        """Runs a command as somebody who may do everything."""
        words = [command, "tokenserver", "--brokers", self.broker.address, "--topic-prefix", prefix, *map(str, options)]
        result = purgefleet.run(words, self.environment())
        self.assertEqual(0, result.status, result)
        return result


class DeniedCase(GuardedCase):
    def setUp(self):
        super().setUp()
        self.state = f"{self.topic}.state"
        self.make_topics()

    def make_topics(self, *options):
        self.call_freely(self.prefix, "topics", "create", "--partitions", self.partitions, "--range-width", self.width, *options)

    def allow(self, *rights):
        """For the length of the test."""
        self.broker.allow(*rights)
        self.addCleanup(self.broker.forget, *rights)

    def deny(self, *rights):
        self.broker.deny(*rights)
        self.addCleanup(self.broker.forget, *rights)

    def assert_told(self, text, right):
        """That this right is missing, whose it is and how it is granted."""
        kind, name, operation = right
        option = "--cluster" if kind == "cluster" else f"--{kind} {name}"
        resource = "cluster" if kind == "cluster" else f"{kind} '{name}'"
        self.assertIn(f"no right to {operation} {resource}", text)
        self.assertIn(f"--allow-principal User:{self.broker.user} --operation {operation} {option}", text)
